"""The browser that the tests of pages share.

Chromium is found on the path or under $CHROMIUM. Where there is none the tests are skipped, unless
LGR_REPORT_REQUIRE_BROWSER=1.
"""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="module")
def browser():
    """Start Chromium, or say why not."""
    path = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not path:
        missing = "no Chromium found: install it, or set CHROMIUM to its path"
        if os.environ.get("LGR_REPORT_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path)
        yield chromium
        chromium.close()
