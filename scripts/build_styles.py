"""Build static/dist/ from the sources in static/: the stylesheet, its images, the icons, the script.

    python scripts/build_styles.py            does nothing when no source has changed
    python scripts/build_styles.py --force    builds anyway

Needs Node, either the machine's or the one that `requirements/node.lock` puts into the virtual environment.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
DIST = STATIC / "dist"
STAMP = DIST / "built-from.txt"
MODULES = ROOT / "node_modules"
MODULES_STAMP = MODULES / ".installed-from.txt"
USWDS = MODULES / "@uswds" / "uswds"
LOCK = ROOT / "package-lock.json"

OLDEST_NODE = (20, 19)

# USWDS writes its theme colors as plain values. Turned into the city's properties, every part of it,
# now or added later, wears the city's colors (the theme itself is set at the top of portal.scss).
THEME_COLORS = {
    "#07648d": "var(--city-primary)",
    "#074b69": "var(--city-primary-dark)",
    "#002d3f": "var(--city-primary-darker)",
}


class BuildFailed(Exception):
    """The build cannot go on; the message says what to do."""


def say(text: str) -> None:
    sys.stdout.write(f"styles: {text}\n")


def fingerprint(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(b"\0")
        digest.update(path.read_bytes())
        digest.update(b"\0")
    return digest.hexdigest()


def sources() -> list[Path]:
    found = [Path(__file__).resolve(), LOCK, ROOT / "package.json"]
    for folder in ("styles", "scripts", "icons"):
        found += [path for path in (STATIC / folder).rglob("*") if path.is_file()]
    return sorted(found)


def version_of(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return tuple(int(part) for part in re.findall(r"\d+", said.stdout)[:2])


def node_environment() -> dict[str, str]:
    """The environment to run Node in: the first suitable one, the machine's before the virtual environment's."""
    beside_python = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    for candidate in (path, f"{beside_python}{os.pathsep}{path}"):
        node = shutil.which("node", path=candidate)
        if node and shutil.which("npm", path=candidate) and version_of(node) >= OLDEST_NODE:
            return {**os.environ, "PATH": candidate}
    raise BuildFailed(
        "no Node 20.19 or newer found. Install it, or run: pip install --require-hashes -r requirements/node.lock"
    )


def run(command: list[str], environment: dict[str, str]) -> None:
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    result = subprocess.run(  # noqa: S603 (only the commands written in this file)
        [program, *command[1:]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise BuildFailed(f"`{' '.join(command)}` failed:\n{result.stdout}{result.stderr}")
    warnings = [line for line in result.stderr.splitlines() if line and not line.startswith("npm warn")]
    if warnings:
        say("\n".join(warnings))


def install_modules(environment: dict[str, str]) -> None:
    wanted = fingerprint([LOCK])
    if MODULES_STAMP.exists() and MODULES_STAMP.read_text() == wanted:
        return
    started = time.monotonic()
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], environment)
    MODULES_STAMP.write_text(wanted)
    say(f"installed what package-lock.json names in {time.monotonic() - started:.1f} s")


def compile_styles(target: Path, environment: dict[str, str]) -> None:
    started = time.monotonic()
    run(
        [
            "node",
            str(MODULES / "sass" / "sass.js"),
            f"--load-path={USWDS / 'packages'}",
            "--style=compressed",
            "--no-source-map",
            "--no-error-css",
            "--quiet-deps",
            str(STATIC / "styles" / "portal.scss"),
            str(target / "portal.css"),
        ],
        environment,
    )
    sheet = target / "portal.css"
    text = sheet.read_text(encoding="utf-8-sig")
    for color, own in THEME_COLORS.items():
        if color not in text:
            raise BuildFailed(f"the theme color {color} is not in the compiled styles; mend THEME_COLORS here")
        text = text.replace(color, own)
    sheet.write_text('@charset "UTF-8";' + text.removeprefix('@charset "UTF-8";'), encoding="utf-8")
    for name in sorted(set(re.findall(r'url\("?images/([^")]+)"?\)', text))):
        copy = target / "images" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(USWDS / "dist" / "img" / name, copy)
    say(f"compiled portal.css, {sheet.stat().st_size // 1000} kB, in {time.monotonic() - started:.1f} s")


def gather_icons(target: Path) -> None:
    listed = (STATIC / "icons" / "used.txt").read_text().splitlines()
    names = [name.strip() for name in listed if name.strip() and not name.startswith("#")]
    files = [USWDS / "dist" / "img" / "usa-icons" / f"{name}.svg" for name in names]
    files += sorted((STATIC / "icons").glob("*.svg"))
    symbols = []
    for file in files:
        if not file.exists():
            raise BuildFailed(f"static/icons/used.txt names {file.stem}, which USWDS does not have")
        drawing = file.read_text()
        box = re.search(r'viewBox="([^"]+)"', drawing)
        inside = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
        if not box or not inside:
            raise BuildFailed(f"{file.name} is not an svg with a viewBox")
        symbols.append(f'<symbol id="{file.stem}" viewBox="{box[1]}">{inside[1].strip()}</symbol>')
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"
    (target / "icons.svg").write_text(sprite)
    say(f"gathered {len(symbols)} icons")


def build(environment: dict[str, str]) -> None:
    """Build aside and swap, so that a failed build leaves the last good one in place."""
    target = STATIC / "dist.new"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    try:
        compile_styles(target, environment)
        gather_icons(target)
        for script in sorted((STATIC / "scripts").glob("*.js")):
            shutil.copyfile(script, target / script.name)
        (target / STAMP.name).write_text(fingerprint(sources()))
        shutil.rmtree(DIST, ignore_errors=True)
        target.rename(DIST)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def main(arguments: list[str]) -> int:
    started = time.monotonic()
    try:
        modules_present = MODULES_STAMP.exists() and MODULES_STAMP.read_text() == fingerprint([LOCK])
        dist_current = STAMP.exists() and STAMP.read_text() == fingerprint(sources())
        if modules_present and dist_current and "--force" not in arguments:
            say("nothing has changed")
            return 0
        environment = node_environment()
        install_modules(environment)
        if not dist_current or "--force" in arguments:
            build(environment)
    except BuildFailed as failure:
        sys.stderr.write(f"styles: {failure}\n")
        return 1
    say(f"done in {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
