"""Spine Choice: published evidence on three options for the lumbar spine, compared and explained, never recommended."""

__version__ = "0.1.0"
