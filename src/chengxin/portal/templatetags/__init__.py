"""Small words that the templates of all faces use."""
