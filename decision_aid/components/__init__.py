"""HTML of the parts that are text, and the style sheets."""
