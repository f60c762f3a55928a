"""What officers assess: fields, files, forms and workbooks."""
