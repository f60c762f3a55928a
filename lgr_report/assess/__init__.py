"""What officers assess: what is asked, records of what was answered, and the files that hold them.

`fields` says what may be filled in, `sheets` checks it, `form` and `workbook` write and read one
file each, `files` keeps them by area and day, `records` is what everyone else works with.
"""
