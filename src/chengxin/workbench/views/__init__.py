"""The pages of the workbench, one file for each task."""
