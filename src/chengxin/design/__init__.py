"""One design for four places: the components, tokens and static files that portal, workbench and own space share.

Faces fill the shapes of `design.shapes` and show them by the tags of `{% load parts %}`; `/styleguide` shows them all.
This room knows nothing of what the pages are about.
"""
