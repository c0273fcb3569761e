"""Results for people: tables in the terminal, figures, one report, comparisons, a workbook.

Views read results (`views.results.Results`) and nothing else. They add up and group what the tables hold; they
never compute a result. Each module is loaded when it is used, for most of them need heavy libraries.
"""
