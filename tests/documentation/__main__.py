"""The program behind `make docs`: it rewrites the parts of documents that come from the code.

Examples are the table of the settings in README.md, and the tables of the folders in docs/contributing.md.
"""

from __future__ import annotations

from api.settings.reference import with_settings_table
from tests.documentation.generated.mails import with_mails
from tests.documentation.generated.messages import MESSAGES
from tests.documentation.generated.messages import page as page_of_messages
from tests.documentation.generated.rooms import ARCHITECTURE, CONTRIBUTING, with_tables
from tests.documentation.generated.status_diagram import DIAGRAM, page
from tests.documentation.generated.types_without_id import GUIDE, with_types_without_id
from tests.support.processes.commands import ROOT

if __name__ == "__main__":
    for document in (ARCHITECTURE, CONTRIBUTING):
        document.write_text(with_tables(document))
    ARCHITECTURE.write_text(with_mails(ARCHITECTURE.read_text()))
    DIAGRAM.write_text(page())
    GUIDE.write_text(with_types_without_id(GUIDE.read_text()))
    MESSAGES.write_text(page_of_messages())
    readme = ROOT / "README.md"
    readme.write_text(with_settings_table(readme.read_text()))
