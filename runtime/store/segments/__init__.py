"""Segments: what is durable before it stands in the tables, written in groups, one write and one sync for each."""
