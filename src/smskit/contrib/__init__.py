"""Thin bridges to what an application has already; each needs its extra."""
