"""Learns from one real key what NetMind does not document, and writes it down."""
