"""Random inspection (双随机、一公开): plans whose draw anybody can run again."""
