"""The NetMind asynchronous inference API: protocol, client, catalogue, downloads.

protocol.py decides everything that can be decided without I/O, client.py is the edge that sends,
catalog.py reads which models there are, download.py fetches results from hosts nobody vouches for.
"""
