"""The tags that show the shapes of `design.shapes`."""
