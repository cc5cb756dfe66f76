"""Letters as files in a folder, for a print room: text, page and a manifest, named by the notice."""

import json
from pathlib import Path

from fieldsync.adapters.durable import sync_folder, write_whole
from fieldsync.adapters.outbox_errors import not_taken
from fieldsync.domain.notice import Letter


class FolderOutbox:
    """The Notifier port over a folder. The manifest comes last: where it lies, the letter is whole."""

    channel = "file"
    repeatable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def give(self, letter: Letter) -> None:
        """Write `ID.txt`, `ID.html` and `ID.json`; a letter that lies there already stays as it is."""
        manifest = self._folder / f"{letter.notice_id}.json"
        try:
            if manifest.exists():
                return
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self._folder.parent)
            self._write(letter, "txt", letter.text)
            self._write(letter, "html", letter.html)
            self._write(letter, "json", _manifest(letter))
        except OSError as error:
            raise not_taken(self.channel, error.strerror or type(error).__name__) from error

    def _write(self, letter: Letter, ending: str, content: str) -> None:
        target = self._folder / f"{letter.notice_id}.{ending}"
        write_whole(target, (content.encode(),))


def _manifest(letter: Letter) -> str:
    """What stands outside on the envelope, and which files go inside."""
    told = {
        "notice_id": letter.notice_id,
        "outside": {
            "to": letter.recipient,
            "address": letter.address,
            "subject": letter.subject,
        },
        "inside": [f"{letter.notice_id}.txt", f"{letter.notice_id}.html"],
    }
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
