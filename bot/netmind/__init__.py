"""The NetMind asynchronous inference API: protocol, client, catalogue."""
