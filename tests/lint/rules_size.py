"""Files of at most 600 lines, functions of at most 60 lines and 6 parameters; the bodies of tests too."""
import json

from tree import run

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
MAX_PARAMETERS = 6
LANGUAGES = "C,C++,Python"
SOURCES = (".cc", ".h", ".py")


def sources(tree):
    return sorted(set(f for f in tree.files if f.endswith(SOURCES)) | set(tree.scripts("python3", "bash", "/sh")))


def file_size(tree, _):
    for file in sources(tree):
        count = tree.text(file).count("\n")
        if count > MAX_FILE_LINES:
            yield f"{file}: {count} lines, at most {MAX_FILE_LINES}: split by idea"


def parameters(signature):
    """How many parameters `(int a, std::map<K, V> b) const` has: commas outside <>, (), [] and {}."""
    inner = signature[signature.find("(") + 1:]
    depth, count, seen = 0, 0, False
    for letter in inner:
        if letter == ")" and depth == 0:
            break
        if letter in "<([{":
            depth += 1
        elif letter in ">)]}":
            depth -= 1
        elif letter == "," and depth == 0:
            count += 1
        seen = seen or not letter.isspace()
    return count + 1 if seen else 0


def tags(tree, files):
    if not files:
        return []
    status, output = run(["ctags", "-o", "-", "--output-format=json", f"--languages={LANGUAGES}", "--fields=+neS",
                          "--kinds-C++=f", "--kinds-C=f", "--kinds-Python=fm", "--langmap=C++:+.h", "-L", "-"],
                         cwd=tree.root, input="\n".join(files).encode())
    if status != 0:
        raise RuntimeError(f"ctags: {output}")
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def function_size(tree, _):
    scripts = set(tree.scripts("bash", "/sh"))
    for tag in tags(tree, [f for f in sources(tree) if f not in scripts]):
        where = f"{tag['path']}:{tag['line']}: {tag['name']}{tag.get('signature', '')}"
        if "end" not in tag:
            continue
        length = tag["end"] - tag["line"] + 1
        if length > MAX_FUNCTION_LINES:
            yield f"{where}: {length} lines, at most {MAX_FUNCTION_LINES}"
        count = parameters(tag.get("signature", ""))
        if count > MAX_PARAMETERS:
            yield f"{where}: {count} parameters, at most {MAX_PARAMETERS}"


RULES = [file_size, function_size]
