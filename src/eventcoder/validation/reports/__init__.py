"""How findings are told. Floor 4.

rendering     a report as text, JSON, JUnit XML, GitHub annotations or HTML
report_page   a report as one page; `page`: the verdict of a release; both of the parts in `sheet`
harmless      signs that act on a terminal or hide text, shown as escapes
"""
