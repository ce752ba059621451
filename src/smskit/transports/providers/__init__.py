"""Carriers over HTTP, one module each: how their requests look, and what their answers and webhooks mean."""
