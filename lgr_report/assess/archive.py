"""The file of a workbook that comes back: an archive from outside, refused before it is parsed.

Whoever may fill in a workbook may send one with macros, links to other workbooks, embedded files
or entities, or one that unpacks to gigabytes. None of it is needed for what is asked.
"""

import io
import zipfile
from pathlib import Path

from lgr_report.assess.records import AssessmentError

LARGEST = 2_000_000  # bytes of the file; a filled-in assessment has some tens of thousands
LARGEST_UNPACKED = 20_000_000
MOST_PARTS = 200
# What a part says that it is, in its name, its type or what leads to it: names can be others.
REFUSED = {
    "vbaproject": "macros: save it as an Excel workbook (.xlsx) without macros",
    "macroenabled": "macros: save it as an Excel workbook (.xlsx) without macros",
    "macrosheet": "sheets of Excel 4 macros: take them out",
    "dialogsheet": "dialog sheets of old Excel: take them out",
    "externallink": "links to other workbooks: break them (Data, Edit Links), and save again",
    "embeddings/": "embedded files: take them out",
    "oleobject": "embedded files: take them out",
    "activex": "ActiveX controls: take them out",
    "connections": "data connections: take them out",
}
TYPES = "[Content_Types].xml"


def checked(path: Path, file: str) -> bytes:
    """Return the bytes of a workbook that is safe to open.

    Raises
    ------
    AssessmentError
        If it is not, with why.
    """
    if path.stat().st_size > LARGEST:
        reason = f"larger than {LARGEST:,} bytes: an assessment holds text only"
        raise AssessmentError.of(file, reason)
    content = path.read_bytes()
    reason = _reason(content)
    if reason:
        raise AssessmentError.of(file, reason)
    return content


def _reason(content: bytes) -> str | None:
    """Return why a file is not to be opened; None if it may be."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return "has a password, or is of the old .xls format: save it as .xlsx without one"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _too_much(packed.infolist()) or _unsafe(packed)
    except Exception:  # a damaged archive breaks each part of the reader in its own way
        return "is not an Excel workbook (.xlsx), or is damaged"


def _too_much(parts: list[zipfile.ZipInfo]) -> str | None:
    """Return why an archive is not to be unpacked, by what it says of its parts."""
    if len(parts) > MOST_PARTS or len({part.filename for part in parts}) < len(parts):
        return "is not put together as Excel does it: save it again as .xlsx"
    # Unpacking stops at the size that the archive declares.
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        return f"unpacks to more than {LARGEST_UNPACKED:,} bytes: not opened"
    for part in parts:
        for mark, what in REFUSED.items():
            if mark in part.filename.lower().replace("\\", "/"):
                return f"holds {what}"
    if "xl/workbook.xml" not in [part.filename for part in parts]:
        return "is not an Excel workbook (.xlsx)"
    return None


def _unsafe(packed: zipfile.ZipFile) -> str | None:
    """Return why the parts of an archive are not to be parsed, by what they hold."""
    for name in packed.namelist():
        text = packed.read(name)
        if not name.lower().endswith((".xml", ".rels")):
            continue
        # Excel writes UTF-8 and no document types; a null byte would be UTF-16, which hides them.
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
            return f"{name} declares entities, which no workbook needs: not opened"
        if name == TYPES or name.lower().endswith(".rels"):
            said = text.decode("utf-8", "replace").lower()
            for mark, what in REFUSED.items():
                if mark in said:
                    return f"holds {what}"
    return None
