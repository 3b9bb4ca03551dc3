"""The files that lint looks at: everything in the checkout that git would keep, found without git."""
import fnmatch
import os
import subprocess

SKIPPED_FOLDERS = {".git", "build", "quickstart", "node_modules", "__pycache__", ".venv"}
CPP = (".cc", ".h")


class Tree:
    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.files = sorted(self._walk())
        self._text = {}

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS and not f.startswith("build-")]
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path) and not name.endswith(".pyc"):
                    yield os.path.relpath(path, self.root)

    def path(self, file):
        return os.path.join(self.root, file)

    def text(self, file):
        """The file as text; bytes that are not UTF-8 become surrogates, so that nothing is silently unread."""
        if file not in self._text:
            with open(self.path(file), encoding="utf-8", errors="surrogateescape") as stream:
                self._text[file] = stream.read()
        return self._text[file]

    def lines(self, file):
        return enumerate(self.text(file).split("\n"), 1)

    def match(self, *patterns):
        return [f for f in self.files if any(fnmatch.fnmatch(f, p) for p in patterns)]

    def cpp(self):
        return [f for f in self.files if f.endswith(CPP)]

    def scripts(self, *interpreters):
        """Files whose first line names one of the interpreters."""
        found = []
        for file in self.files:
            if file.endswith(CPP) or "." in os.path.basename(file) and not file.endswith((".sh", ".py")):
                continue
            first = self.text(file).split("\n", 1)[0]
            if first.startswith("#!") and any(i in first for i in interpreters):
                found.append(file)
        return found


def run(command, **options):
    """(status, output of both streams) of a program that must exist."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
                          check=False, **options)
    return done.returncode, done.stdout.decode(errors="replace")
