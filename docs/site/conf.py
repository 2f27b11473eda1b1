"""What Sphinx makes of the pages: docs/site/build.py calls it with this."""

project = 'contend'
copyright = 'the authors of contend; MIT licence'  # pylint: disable=redefined-builtin
extensions = ['myst_parser']
myst_heading_anchors = 4
html_theme = 'furo'
html_title = 'contend'
html_static_path = ['_static']
html_css_files = ['site.css']
html_show_sourcelink = False
html_copy_source = False
# Found by name; a page that was opened as a file may not look into others.
html_show_search_summary = False
pygments_style = 'friendly'
pygments_dark_style = 'native'
# Names in the pages stand as they are written.
smartquotes = False
