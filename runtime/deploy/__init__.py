"""Deployments: which bundle versions are live, and which are kept because executions refer to them."""
