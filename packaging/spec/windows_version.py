"""What Windows shows of a program under Properties, Details, and in the Task Manager. Pure."""

COMPANY = "The Kitsu Launcher authors"
TEMPLATE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, fileType=1, subtype=0),
  kids=[
    StringFileInfo([StringTable('040904B0', [
{strings}
    ])]),
    VarFileInfo([VarStruct('Translation', [0x0409, 1200])]),
  ],
)
"""
"""PyInstaller evaluates it; 0409 is US English, 1200 (04B0) is Unicode."""


def version_resource(program: str, described: str, version: str) -> str:
    """The resource of `program.exe`, as PyInstaller reads it: `version` is one to four numbers with dots between."""
    numbers = tuple((*map(int, version.split(".")), 0, 0, 0)[:4])
    told = {
        "CompanyName": COMPANY,
        "FileDescription": described,
        "FileVersion": version,
        "InternalName": program,
        "LegalCopyright": f"{COMPANY}. MIT licence.",
        "OriginalFilename": f"{program}.exe",
        "ProductName": "Kitsu Launcher",
        "ProductVersion": version,
    }
    strings = "\n".join(f"      StringStruct({name!r}, {value!r})," for name, value in told.items())
    return TEMPLATE.format(numbers=numbers, strings=strings)
