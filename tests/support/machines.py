"""Three machines with every program of the catalogue, as their installers lay them, and what only looks like one.

The shapes are those of `launcher/catalogue`'s sources; none was taken from a real machine.
"""

import plistlib

from launcher.model import OS
from tests.support.listing import ListedPlaces, Listing

PF, PF86 = r"C:\Program Files", r"C:\Program Files (x86)"
WINDOWS_ENVIRON = {
    "ProgramFiles": PF,
    "ProgramW6432": PF,
    "ProgramFiles(x86)": PF86,
    "Path": rf"C:\Windows\system32;C:\Windows;C:\tools\mpv\;\\evil\share\bin;.\bin;{PF}\OpenSSH",
    "USERPROFILE": r"C:\Users\zoe",
}
WINDOWS_FOUND = {
    "3dsmax": {r"D:\Max2025\3dsmax.exe": "2025.2", rf"{PF}\Autodesk\3ds Max 2024\3dsmax.exe": "2024"},
    "3dequalizer": {rf"{PF}\3DE4_win64_r7.1v2\bin\3DE4.exe": "7.1v2"},
    "after-effects": {
        rf"{PF}\Adobe\Adobe After Effects 2024\Support Files\AfterFX.exe": "2024",
        rf"{PF}\Adobe\Adobe After Effects 2023\Support Files\AfterFX.exe": "2023",
    },
    "blender": {
        rf"{PF}\Blender Foundation\Blender 4.2\blender.exe": "4.2.3",
        r"E:\Tools\Blender 4.1\blender.exe": "4.1",
        rf"{PF}\Blender Foundation\Blender 3.6\blender.exe": "3.6",
        rf"{PF}\Blender Foundation\Blender\blender.exe": "2.82.1",
    },
    "cinema4d": {
        rf"{PF}\Maxon Cinema 4D 2025\Cinema 4D.exe": "2025",
        rf"{PF}\Maxon Cinema 4D R25\Cinema 4D.exe": "25",
    },
    "djv": {rf"{PF}\DJV 3.2.1\bin\djv.exe": "3.2.1", rf"{PF}\DJV2\bin\djv.exe": "2.0.8"},
    "fusion": {rf"{PF}\Blackmagic Design\Fusion 20\Fusion.exe": "20"},
    "harmony": {
        rf"{PF}\Toon Boom Animation\Toon Boom Harmony 24 Premium\win64\bin\HarmonyPremium.exe": "24",
        rf"{PF86}\Toon Boom Animation\Toon Boom Harmony 22 Premium\win64\bin\HarmonyPremium.exe": "22",
        rf"{PF86}\Toon Boom Animation\Toon Boom Harmony 22 Advanced\win64\bin\HarmonyAdvanced.exe": "22",
        rf"{PF86}\Toon Boom Animation\Toon Boom Harmony 21 Essentials\win64\bin\HarmonyEssentials.exe": "21",
    },
    "hiero": {rf"{PF}\Nuke15.0v2\Nuke15.0.exe": "15.0v2", rf"{PF}\Nuke13.2v10\Nuke13.2.exe": "13.2v10"},
    "houdini": {
        rf"{PF}\Side Effects Software\Houdini 20.5.332\bin\houdini.exe": "20.5.332",
        r"D:\SideFX\Houdini 20.0.547\bin\houdini.exe": "20.0.547",
        rf"{PF}\Side Effects Software\Houdini 19.5.805\bin\houdini.exe": "19.5.805",
    },
    "krita": {rf"{PF}\Krita (x64)\bin\krita.exe": "5.2.9"},
    "marmoset-toolbag": {rf"{PF}\Marmoset\Toolbag 5\toolbag.exe": "5"},
    "marvelous-designer": {
        rf"{PF}\Marvelous Designer Personal\MarvelousDesigner_Personal.exe": "2025.2.177",
        rf"{PF}\Marvelous Designer Enterprise\MarvelousDesigner_Enterprise.exe": "2025.1.3",
    },
    "maya": {
        rf"{PF}\Autodesk\Maya2026\bin\maya.exe": "2026",
        rf"{PF}\Autodesk\Maya2024\bin\maya.exe": "2024",
        r"D:\Autodesk\Maya2022\bin\maya.exe": "2022",
    },
    "mocha-pro": {rf"{PF}\BorisFX\Mocha Pro 2024.5\bin\mochapro.exe": "2024.5"},
    "motionbuilder": {rf"{PF}\Autodesk\MotionBuilder 2025\bin\x64\motionbuilder.exe": "2025"},
    "mpv": {
        r"C:\Users\zoe\scoop\mpv.exe": "0.41.0",
        r"C:\tools\mpv\mpv.exe": "0.40.0",
        r"D:\players\mpv\mpv.exe": "0.35.1",
    },
    "nuke": {rf"{PF}\Nuke15.0v2\Nuke15.0.exe": "15.0v2", rf"{PF}\Nuke13.2v10\Nuke13.2.exe": "13.2v10"},
    "nukeassist": {rf"{PF}\Nuke15.0v2\Nuke15.0.exe": "15.0v2", rf"{PF}\Nuke13.2v10\Nuke13.2.exe": "13.2v10"},
    "nukestudio": {rf"{PF}\Nuke15.0v2\Nuke15.0.exe": "15.0v2", rf"{PF}\Nuke13.2v10\Nuke13.2.exe": "13.2v10"},
    "nukex": {rf"{PF}\Nuke15.0v2\Nuke15.0.exe": "15.0v2", rf"{PF}\Nuke13.2v10\Nuke13.2.exe": "13.2v10"},
    "photoshop": {
        r"E:\Adobe\Photoshop\Photoshop.exe": "2025.1",
        rf"{PF}\Adobe\Adobe Photoshop 2024\Photoshop.exe": "2024",
        rf"{PF}\Adobe\Adobe Photoshop CC 2019\Photoshop.exe": "2019",
    },
    "premiere": {rf"{PF}\Adobe\Adobe Premiere Pro 2024\Adobe Premiere Pro.exe": "2024"},
    "resolve": {r"D:\Program Files\Blackmagic Design\DaVinci Resolve\Resolve.exe": "19.1.2"},
    "rv": {
        rf"{PF}\Autodesk\RV-2024.2.0\bin\rv.exe": "2024.2.0",
        rf"{PF}\ShotGrid\RV-2023.0.1\bin\rv.exe": "2023.0.1",
        rf"{PF}\Shotgun\RV-2021.1.0\bin\rv.exe": "2021.1.0",
        rf"{PF}\Tweak\RV-7.2.1\bin\rv.exe": "7.2.1",
    },
    "silhouette": {rf"{PF}\BorisFX\Silhouette 2024.5\Silhouette.exe": "2024.5"},
    "speedtree": {rf"{PF}\SpeedTree\SpeedTree Modeler v10.0.0\win64\SpeedTree_Modeler.exe": "10.0.0"},
    "storyboard-pro": {rf"{PF86}\Toon Boom Animation\Toon Boom Storyboard Pro 22\win64\bin\StoryboardPro.exe": "22"},
    "substance-painter": {
        rf"{PF}\Adobe\Adobe Substance 3D Painter\Adobe Substance 3D Painter.exe": "10.1.2",
    },
    "tvpaint": {
        rf"{PF}\TVPaint Developpement\TVPaint Animation 12 Pro\TVPaint Animation 12 Pro.exe": "12",
        rf"{PF}\TVPaint Developpement\TVPaint Animation 11 (64bits)\TVPaint Animation 11 (64bits).exe": "11",
        rf"{PF86}\TVPaint Developpement\TVPaint Animation 11 (32bits)\TVPaint Animation 11 (32bits).exe": "11",
    },
    "unreal": {
        r"D:\Epic\UE_5.4\Engine\Binaries\Win64\UnrealEditor.exe": "5.4",
        rf"{PF}\Epic Games\UE_5.2\Engine\Binaries\Win64\UnrealEditor.exe": "5.2",
        rf"{PF}\Epic Games\UE_4.27\Engine\Binaries\Win64\UE4Editor.exe": "4.27",
        r"D:\Epic\UE_4.26\Engine\Binaries\Win64\UE4Editor.exe": "4.26",
    },
    "vlc": {
        r"D:\VideoLAN\VLC\vlc.exe": "3.0.21",
        rf"{PF}\VideoLAN\VLC\vlc.exe": "3.0.20",
        rf"{PF86}\VideoLAN\VLC\vlc.exe": "3.0.20",
    },
    "wrap": {rf"{PF}\Faceform\Wrap 2023.10.2\Wrap.exe": "2023.10.2"},
    "xstudio": {rf"{PF}\xSTUDIO 1.0.0\bin\xstudio.exe": "1.0.0", rf"{PF}\xSTUDIO\bin\xstudio.exe": "0.13.1"},
    "zbrush": {rf"{PF}\Maxon ZBrush 2024\ZBrush.exe": "2024"},
}
"""What is to be found on the Windows machine: by application, the newest first."""
WINDOWS_FILES_SAY = {
    r"D:\Max2025\3dsmax.exe": "27.2",
    r"E:\Adobe\Photoshop\Photoshop.exe": "26.1",
    rf"{PF}\DJV2\bin\djv.exe": "2.0.8",
    rf"{PF}\Krita (x64)\bin\krita.exe": "5.2.9",
    rf"{PF}\Marvelous Designer Personal\MarvelousDesigner_Personal.exe": "2025.2.177",
    rf"{PF}\Marvelous Designer Enterprise\MarvelousDesigner_Enterprise.exe": "2025.1.3",
    r"D:\Program Files\Blackmagic Design\DaVinci Resolve\Resolve.exe": "19.1.2",
    rf"{PF}\Adobe\Adobe Substance 3D Painter\Adobe Substance 3D Painter.exe": "10.1.2",
    r"D:\VideoLAN\VLC\vlc.exe": "3.0.21",
    rf"{PF}\VideoLAN\VLC\vlc.exe": "3.0.20",
    rf"{PF86}\VideoLAN\VLC\vlc.exe": "3.0.20",
    rf"{PF}\xSTUDIO\bin\xstudio.exe": "0.13.1",
}
WINDOWS_PROGRAMS_SAY = {
    rf"{PF}\Blender Foundation\Blender 4.2\blender.exe": "Blender 4.2.3\n",
    rf"{PF}\Blender Foundation\Blender\blender.exe": "Blender 2.82.1\n",
    r"C:\Users\zoe\scoop\mpv.exe": "mpv v0.41.0 Copyright\n",
    r"C:\tools\mpv\mpv.exe": "mpv v0.40.0 Copyright\n",
    r"D:\players\mpv\mpv.exe": "mpv 0.35.1 Copyright\n",
}
WINDOWS_ONLY_LIKE = (
    rf"{PF}\Blender Foundation\Blender 4.2\blender-launcher.exe",
    rf"{PF}\Blender Foundation\Blender 4.2\4.2\scripts" "\\",
    rf"{PF}\Blender Foundation\Blender 2.93" "\\",  # what an uninstaller left
    rf"{PF}\Blender Launcher\Blender Launcher.exe",
    rf"{PF}\Nuke13.2v3 Non-Commercial\Nuke13.2.exe",
    rf"{PF}\Nuke15.0v2\Nuke15.0-crash-reporter.exe",
    rf"{PF}\Nuke15.0v2\python.exe",
    rf"{PF}\Adobe\Adobe Photoshop (Beta)\Photoshop.exe",
    rf"{PF}\Adobe\Adobe Premiere Pro (Beta)\Adobe Premiere Pro (Beta).exe",
    rf"{PF}\Blackmagic Design\Fusion Render Node 20\FusionRenderNode.exe",
    rf"{PF}\Autodesk\Maya2025" "\\",
    rf"{PF}\Autodesk\MayaCreative2024\bin\maya.exe",
    rf"{PF}\Autodesk\3ds Max Interactive 2.0\3dsmax.exe",
    rf"{PF}\Side Effects Software\Houdini Engine 20.5.332\bin\houdini.exe",
    rf"{PF}\Side Effects Software\Houdini 20.5.332\bin\houdinifx.exe",
    rf"{PF}\Toon Boom Animation\Toon Boom Harmony 24 Server\win64\bin\HarmonyPremium.exe",
    rf"{PF}\Epic Games\UE_5.2_old\Engine\Binaries\Win64\UnrealEditor.exe",
    rf"{PF}\Autodesk\RV-{{version}}\bin\rv.exe",
    rf"{PF}\Nuke" "\u0661\u0665.0v2\\Nuke15.0.exe",  # digits, though not ours
    rf"{PF}\Maxon ZBrush 2024" "\u202e\\ZBrush.exe",
    rf"{PF}\xSTUDIO 1.0.0 copy\bin\xstudio.exe",
    rf"{PF}\Allegorithmic\Substance Painter\Substance Painter.exe",
)
APP_PATHS = r"Microsoft\Windows\CurrentVersion\App Paths"
WINDOWS_REGISTRY: dict[str, dict[str, object]] = {
    r"HKLM\SOFTWARE\Autodesk\Maya\2022\Setup\InstallPath": {"MAYA_INSTALL_LOCATION": "D:\\Autodesk\\Maya2022\\"},
    r"HKLM\SOFTWARE\Autodesk\Maya\2024\Setup\InstallPath": {"MAYA_INSTALL_LOCATION": rf"{PF}\Autodesk\Maya2024" "\\"},
    r"HKLM\SOFTWARE\Autodesk\Maya\2020\Setup\InstallPath": {"MAYA_INSTALL_LOCATION": "D:\\gone\\Maya2020\\"},
    r"HKLM\SOFTWARE\Autodesk\Maya\2019\Setup\InstallPath": {"MAYA_INSTALL_LOCATION": r"\\evil\Maya2019"},
    r"HKLM\SOFTWARE\Autodesk\Maya\Common": {"MAYA_INSTALL_LOCATION": r"D:\Autodesk\Maya2022"},
    r"HKLM\SOFTWARE\Autodesk\3dsMax\26.0": {"Installdir": rf"{PF}\Autodesk\3ds Max 2024" "\\"},
    r"HKLM\SOFTWARE\Autodesk\3dsMax\27.0": {"Installdir": "D:\\Max2025\\"},
    r"HKLM\SOFTWARE\Side Effects Software": {"ActiveVersion": "20.5.332"},
    r"HKLM\SOFTWARE\Side Effects Software\Houdini 20.0.547": {"InstallPath": r"D:\SideFX\Houdini 20.0.547"},
    r"HKLM\SOFTWARE\Side Effects Software\Houdini Engine 20.0.547": {"InstallPath": r"D:\SideFX\Houdini 20.0.547"},
    r"HKLM\SOFTWARE\Adobe\Photoshop\190.0": {"ApplicationPath": 7},
    r"HKLM\SOFTWARE\Adobe\Photoshop\200.0": {"applicationpath": "E:\\Adobe\\Photoshop\\"},
    r"HKLM\SOFTWARE\EpicGames\Unreal Engine\5.4": {"InstalledDirectory": r"D:\Epic\UE_5.4"},
    r"HKLM\SOFTWARE\EpicGames\Unreal Engine\4.26": {"InstalledDirectory": r"D:\Epic\UE_4.26"},
    r"HKLM\SOFTWARE\EpicGames\Unreal Engine\Builds": {"{5A1B}": r"D:\src\UnrealEngine"},
    r"HKLM\SOFTWARE\Wow6432Node\VideoLAN\VLC": {"InstallDir": r"D:\VideoLAN\VLC", "Version": "3.0.21"},
    r"HKLM\SOFTWARE\VideoLAN\VLC": {"InstallDir": rf"{PF}\VideoLAN\VLC"},
    rf"HKCU\Software\{APP_PATHS}\mpv.exe": {"": r"%USERPROFILE%\scoop\mpv.exe"},
    rf"HKLM\SOFTWARE\{APP_PATHS}\mpv.exe": {"": r'"D:\players\mpv\mpv.exe"'},
    r"HKLM\SOFTWARE\Classes\blendfile\shell\open\command": {"": r'"E:\Tools\Blender 4.1\blender-launcher.exe" "%1"'},
}
MORE_OF_WINDOWS = (r"E:\Tools\Blender 4.1\blender-launcher.exe", r"C:\Windows\system32\cmd.exe")


def windows() -> tuple[ListedPlaces, Listing]:
    """A Windows machine with disks C, D and E."""
    paths = [path for found in WINDOWS_FOUND.values() for path in found]
    listing = Listing(
        OS.WINDOWS,
        (*paths, *WINDOWS_ONLY_LIKE, *MORE_OF_WINDOWS),
        WINDOWS_ENVIRON,
        registry=WINDOWS_REGISTRY,
        drives=("C:", "D:", "E:"),
    )
    return ListedPlaces(OS.WINDOWS, listing, WINDOWS_FILES_SAY, WINDOWS_PROGRAMS_SAY), listing


AP, ZOE = "/Applications", "/Users/zoe/Applications"
MACOS_BUNDLES = {
    f"{AP}/Adobe After Effects 2024/Adobe After Effects 2024.app": ("After Effects", "24.2.1"),
    f"{AP}/Adobe Photoshop 2024/Adobe Photoshop 2024.app": ("Adobe Photoshop 2024", "25.6.0"),
    f"{AP}/Adobe Photoshop CC 2019/Adobe Photoshop CC 2019.app": ("Adobe Photoshop CC 2019", "20.0.4"),
    f"{AP}/Adobe Premiere Pro 2024/Adobe Premiere Pro 2024.app": ("Adobe Premiere Pro 2024", "24.2.1"),
    f"{AP}/Adobe Premiere Pro 2023/Adobe Premiere Pro.app": ("Adobe Premiere Pro", "23.6"),
    f"{AP}/Adobe Substance 3D Painter.app": ("Adobe Substance 3D Painter", "10.1.2"),
    f"{AP}/Adobe Substance 3D Painter/Adobe Substance 3D Painter.app": ("Adobe Substance 3D Painter", "9.1.0"),
    f"{AP}/Autodesk/Flame 2025.1.app": ("startFlame", "2025.1"),
    "/opt/Autodesk/flame_2024.2/bin/flame.app": ("startApp", "2024.2"),
    f"{AP}/Autodesk/maya2026/Maya.app": ("Maya", "26.1.0"),
    f"{AP}/Autodesk/maya2022/Maya.app": ("Maya", "22.0.0"),
    f"{AP}/Blackmagic Fusion 20/Fusion.app": ("Fusion", "20.1"),
    f"{AP}/Blender.app": ("Blender", "4.2.3 2024-10-14"),
    f"{ZOE}/Blender 3.6.app": ("Blender", "3.6.9"),
    "/Library/Application Support/Blender.app": ("Blender", "2.83.20"),
    f"{AP}/DJV.app": ("DJV", "3.2.1"),
    f"{AP}/DJV2.app": ("DJV2", "2.0.8"),
    f"{AP}/DaVinci Resolve/DaVinci Resolve.app": ("Resolve", "19.1.2"),
    f"{AP}/Houdini/Houdini20.5.332/Houdini FX 20.5.332.app": ("happrentice", "20.5.332"),
    f"{AP}/Maxon Cinema 4D 2025/Cinema 4D.app": ("Cinema 4D", "2025.1"),
    f"{AP}/Maxon Cinema 4D R25/Cinema 4D.app": ("Cinema 4D", "25.1"),
    f"{AP}/Maxon ZBrush 2024/ZBrush.app": ("ZBrush", "2024.0.1"),
    f"{AP}/Nuke15.0v2/Nuke15.0v2.app": ("Nuke15.0", "15.0v2"),
    f"{AP}/Nuke15.0v2/NukeX15.0v2.app": ("NukeX15.0", "15.0v2"),
    f"{AP}/Nuke15.0v2/NukeStudio15.0v2.app": ("NukeStudio15.0", "15.0v2"),
    f"{AP}/Nuke15.0v2/NukeAssist15.0v2.app": ("NukeAssist15.0", "15.0v2"),
    f"{AP}/Nuke15.0v2/Hiero15.0v2.app": ("Hiero15.0", "15.0v2"),
    f"{AP}/RV.app": ("RV", "2024.2.0"),
    f"{AP}/RV-7.2.1.app": ("RV", "7.2.1"),
    f"{AP}/TVPaint Animation 11.7 Pro.app": ("TVPaint Animation", "11.7.3"),
    f"{AP}/Toon Boom Harmony 22 Premium/Harmony Premium.app": ("Harmony Premium", "22.0.4"),
    f"{AP}/Toon Boom Harmony 22 Advanced/Harmony Advanced.app": ("Harmony Advanced", "22.0.4"),
    f"{AP}/Toon Boom Harmony 21 Essentials/Harmony Essentials.app": ("Harmony Essentials", "21.1"),
    f"{AP}/Toon Boom Storyboard Pro 22/Storyboard Pro 22.app": ("Storyboard Pro", "22.1"),
    f"{AP}/VLC.app": ("VLC", "3.0.21"),
    f"{AP}/krita.app": ("krita", "5.2.9"),
    f"{AP}/mpv.app": ("mpv", "0.40.0"),
    f"{AP}/xSTUDIO.app": ("xstudio.bin", "1.0.0"),
    "/Users/Shared/Epic Games/UE_5.4/Engine/Binaries/Mac/UnrealEditor.app": ("UnrealEditor", "5.4.4"),
    "/Users/Shared/Epic Games/UE_4.27/Engine/Binaries/Mac/UE4Editor.app": ("UE4Editor", "4.27.2"),
}
"""Applications of the Mac: the program that Info.plist names, and the version in it."""
MACOS_ONLY_LIKE = {
    f"{AP}/Blender Launcher.app": ("Blender Launcher", "2.1.0"),
    f"{AP}/Adobe After Effects 2024/Adobe After Effects Render Engine 2024.app": ("aerendercore", "24.2.1"),
    f"{AP}/Adobe Photoshop (Beta)/Adobe Photoshop (Beta).app": ("Adobe Photoshop (Beta)", "26.0"),
    f"{AP}/Nuke15.0v2/Nuke15.0v2 Non-Commercial.app": ("Nuke15.0", "15.0v2"),
    f"{AP}/Nuke15.0v2/Nuke15.0v2 PLE.app": ("Nuke15.0", "15.0v2"),
    f"{AP}/Nuke14.0v5/Nuke15.0v2.app": ("Nuke15.0", "15.0v2"),
    f"{AP}/Autodesk/maya2025/Maya Creative.app": ("Maya", "25.0"),
    f"{AP}/RVRemote.app": ("RVRemote", "1.0"),
    f"{AP}/VLC Streamer.app": ("VLC Streamer", "5.0"),
    f"{AP}/Maxon ZBrush 2023/ZBrush.app": ("../../../../bin/sh", "2023"),
}
HOUDINI = f"{AP}/Houdini/Houdini20.5.332/Frameworks/Houdini.framework/Versions/Current/Resources/bin/houdini"
MACOS_FOUND = {
    "after-effects": {
        f"{AP}/Adobe After Effects 2024/Adobe After Effects 2024.app/Contents/MacOS/After Effects": "2024"
    },
    "blender": {
        f"{AP}/Blender.app/Contents/MacOS/Blender": "4.2.3",
        f"{ZOE}/Blender 3.6.app/Contents/MacOS/Blender": "3.6",
        "/Library/Application Support/Blender.app/Contents/MacOS/Blender": "2.83.20",
    },
    "cinema4d": {
        f"{AP}/Maxon Cinema 4D 2025/Cinema 4D.app/Contents/MacOS/Cinema 4D": "2025",
        f"{AP}/Maxon Cinema 4D R25/Cinema 4D.app/Contents/MacOS/Cinema 4D": "25",
    },
    "djv": {f"{AP}/DJV.app/Contents/MacOS/DJV": "3.2.1", f"{AP}/DJV2.app/Contents/MacOS/DJV2": "2.0.8"},
    "flame": {
        f"{AP}/Autodesk/Flame 2025.1.app/Contents/MacOS/startFlame": "2025.1",
        "/opt/Autodesk/flame_2024.2/bin/flame.app/Contents/MacOS/startApp": "2024.2",
    },
    "fusion": {f"{AP}/Blackmagic Fusion 20/Fusion.app/Contents/MacOS/Fusion": "20"},
    "harmony": {
        f"{AP}/Toon Boom Harmony 22 Premium/Harmony Premium.app/Contents/MacOS/Harmony Premium": "22",
        f"{AP}/Toon Boom Harmony 22 Advanced/Harmony Advanced.app/Contents/MacOS/Harmony Advanced": "22",
        f"{AP}/Toon Boom Harmony 21 Essentials/Harmony Essentials.app/Contents/MacOS/Harmony Essentials": "21",
    },
    "hiero": {f"{AP}/Nuke15.0v2/Hiero15.0v2.app/Contents/MacOS/Hiero15.0": "15.0v2"},
    "houdini": {
        HOUDINI: "20.5.332",
        f"{AP}/Houdini/Houdini20.5.332/Houdini FX 20.5.332.app/Contents/MacOS/happrentice": "20.5.332",
    },
    "krita": {f"{AP}/krita.app/Contents/MacOS/krita": "5.2.9"},
    "maya": {
        f"{AP}/Autodesk/maya2026/Maya.app/Contents/MacOS/Maya": "2026",
        f"{AP}/Autodesk/maya2022/Maya.app/Contents/MacOS/Maya": "2022",
    },
    "mpv": {
        "/usr/local/bin/mpv": "0.41.0",
        f"{AP}/mpv.app/Contents/MacOS/mpv": "0.40.0",
        "/opt/homebrew/bin/mpv": "0.39.0",
    },
    "nuke": {f"{AP}/Nuke15.0v2/Nuke15.0v2.app/Contents/MacOS/Nuke15.0": "15.0v2"},
    "nukeassist": {f"{AP}/Nuke15.0v2/NukeAssist15.0v2.app/Contents/MacOS/NukeAssist15.0": "15.0v2"},
    "nukestudio": {f"{AP}/Nuke15.0v2/NukeStudio15.0v2.app/Contents/MacOS/NukeStudio15.0": "15.0v2"},
    "nukex": {f"{AP}/Nuke15.0v2/NukeX15.0v2.app/Contents/MacOS/NukeX15.0": "15.0v2"},
    "photoshop": {
        f"{AP}/Adobe Photoshop 2024/Adobe Photoshop 2024.app/Contents/MacOS/Adobe Photoshop 2024": "2024",
        f"{AP}/Adobe Photoshop CC 2019/Adobe Photoshop CC 2019.app/Contents/MacOS/Adobe Photoshop CC 2019": "2019",
    },
    "premiere": {
        f"{AP}/Adobe Premiere Pro 2024/Adobe Premiere Pro 2024.app/Contents/MacOS/Adobe Premiere Pro 2024": "2024",
        f"{AP}/Adobe Premiere Pro 2023/Adobe Premiere Pro.app/Contents/MacOS/Adobe Premiere Pro": "2023",
    },
    "resolve": {f"{AP}/DaVinci Resolve/DaVinci Resolve.app/Contents/MacOS/Resolve": "19.1.2"},
    "rv": {f"{AP}/RV.app/Contents/MacOS/RV": "2024.2.0", f"{AP}/RV-7.2.1.app/Contents/MacOS/RV": "7.2.1"},
    "storyboard-pro": {f"{AP}/Toon Boom Storyboard Pro 22/Storyboard Pro 22.app/Contents/MacOS/Storyboard Pro": "22"},
    "substance-painter": {
        f"{AP}/Adobe Substance 3D Painter.app/Contents/MacOS/Adobe Substance 3D Painter": "10.1.2",
        f"{AP}/Adobe Substance 3D Painter/Adobe Substance 3D Painter.app/Contents/MacOS/Adobe Substance 3D Painter": (
            "9.1.0"
        ),
    },
    "tvpaint": {f"{AP}/TVPaint Animation 11.7 Pro.app/Contents/MacOS/TVPaint Animation": "11.7"},
    "unreal": {
        "/Users/Shared/Epic Games/UE_5.4/Engine/Binaries/Mac/UnrealEditor.app/Contents/MacOS/UnrealEditor": "5.4",
        "/Users/Shared/Epic Games/UE_4.27/Engine/Binaries/Mac/UE4Editor.app/Contents/MacOS/UE4Editor": "4.27",
    },
    "vlc": {f"{AP}/VLC.app/Contents/MacOS/VLC": "3.0.21"},
    "xstudio": {f"{AP}/xSTUDIO.app/Contents/MacOS/xstudio.bin": "1.0.0"},
    "zbrush": {f"{AP}/Maxon ZBrush 2024/ZBrush.app/Contents/MacOS/ZBrush": "2024"},
}
MACOS_PROGRAMS_SAY = {"/opt/homebrew/bin/mpv": "mpv v0.39.0\n", "/usr/local/bin/mpv": "mpv v0.41.0\n"}


def macos() -> tuple[ListedPlaces, Listing]:
    """A Mac with applications for everybody and of the person's own."""
    contents = {}
    for bundle, (program, version) in {**MACOS_BUNDLES, **MACOS_ONLY_LIKE}.items():
        values = {"CFBundleExecutable": program, "CFBundleShortVersionString": version}
        contents[f"{bundle}/Contents/Info.plist"] = plistlib.dumps(values)
    programs = [path for found in MACOS_FOUND.values() for path in found]
    listing = Listing(OS.MACOS, (*programs, f"{AP}/Blender 2.93.app/"), {"HOME": "/Users/zoe"}, contents=contents)
    return ListedPlaces(OS.MACOS, listing, programs_say=MACOS_PROGRAMS_SAY), listing


LINUX_FOUND = {
    "3dequalizer": {"/opt/3DE4_linux64_r8.0/bin/3DE4": "8.0"},
    "blender": {
        "/opt/blender-4.10.1-linux-x64/blender": "4.10.1",
        "/opt/blender-4.2.3-linux-x64/blender": "4.2.3",
        "/home/zoe/blender-4.1.1/blender": "4.1.1",
        "/usr/bin/blender": "3.4.1",
        "/usr/share/blender/blender": "2.79",
    },
    "djv": {"/usr/bin/djv": ""},
    "flame": {
        "/opt/Autodesk/flame_2025.1/bin/startFlame": "2025.1",
        "/opt/Autodesk/flame_2025.1/bin/startApplication": "2025.1",
        "/opt/Autodesk/flame_2021/bin/startApplication": "2021",
    },
    "fusion": {"/opt/BlackmagicDesign/Fusion18/Fusion": "18"},
    "harmony": {
        "/usr/local/ToonBoomAnimation/harmonyPremium_22/lnx86_64/bin/HarmonyPremium": "22",
        "/usr/local/ToonBoomAnimation/harmonyAdvanced_22/lnx86_64/bin/HarmonyAdvanced": "22",
        "/usr/local/ToonBoomAnimation/harmonyEssentials_22/lnx86_64/bin/HarmonyEssentials": "22",
        "/opt/ToonBoomAnimation/harmonyPremium_21/lnx86_64/bin/HarmonyPremium": "21",
        "/opt/ToonBoomAnimation/harmonyAdvanced_21/lnx86_64/bin/HarmonyAdvanced": "21",
        "/opt/ToonBoomAnimation/harmonyEssentials_21/lnx86_64/bin/HarmonyEssentials": "21",
    },
    "houdini": {"/opt/hfs20.5.332/bin/houdini": "20.5.332", "/opt/hfs19.5.805/bin/houdini": "19.5.805"},
    "krita": {
        "/opt/krita-5.2.9-x86_64.AppImage": "5.2.9",
        "/home/zoe/Applications/krita-5.2.2-x86_64.appimage": "5.2.2",
        "/usr/bin/krita": "5.1.5",
    },
    "maya": {"/usr/autodesk/maya2024/bin/maya": "2024", "/usr/autodesk/maya2022-x64/bin/maya": "2022"},
    "motionbuilder": {"/usr/autodesk/MotionBuilder2025/bin/linux_64/motionbuilder": "2025"},
    "mpv": {"/usr/bin/mpv": "0.35.1"},
    "resolve": {"/opt/resolve/bin/resolve": ""},
    "rv": {
        "/opt/rv-2024.2.0-linux/bin/rv": "2024.2.0",
        "/usr/local/rv-7.9.2/bin/rv": "7.9.2",
        "/usr/local/rv/bin/rv": "",
        "/usr/bin/rv": "",
    },
    "substance-painter": {
        "/opt/Adobe/Adobe_Substance_3D_Painter/Adobe_Substance_3D_Painter": "",
    },
    "unreal": {"/home/zoe/UnrealEngine/Engine/Binaries/Linux/UnrealEditor": ""},
    "vlc": {"/usr/bin/vlc": "3.0.24"},
    "xstudio": {"/usr/bin/xstudio": ""},
}
LINUX_FOUND |= {
    name: {"/usr/local/Nuke15.0v2/Nuke15.0": "15.0v2", "/home/zoe/Nuke13.2v10/Nuke13.2": "13.2v10"}
    for name in ("nuke", "nukex", "nukestudio", "nukeassist", "hiero")
}
LINUX_ONLY_LIKE = (
    "/opt/blender-git/blender",
    "/opt/blender-5.0.0/",
    "/opt/hfs20.5/",
    "/opt/blender-launcher/blender",
    "/usr/local/Nuke15.0v2/NukeCrashFeedback",
    "/usr/local/Nuke15.0v2/Nuke15.0-sbin",
    "/usr/local/Nuke14.0v1 Non-Commercial/Nuke14.0",
    "/opt/BlackmagicDesign/FusionRenderNode18/Fusion",
    "/opt/hfs20.5.332\n/bin/houdini",
    "/usr/autodesk/maya2025-x64-old/bin/maya",
)
LINUX_PROGRAMS_SAY = {
    "/usr/bin/blender": "Blender 3.4.1\n",
    "/usr/share/blender/blender": "Blender 2.79 (sub 0)\n",
    "/usr/bin/krita_version": "5.1.5\n",
    "/usr/bin/mpv": "mpv 0.35.1 Copyright\n",
    "/usr/bin/vlc": "VLC version 3.0.24 Vetinari\n",
}


def linux() -> tuple[ListedPlaces, Listing]:
    """A Linux machine with a person's home."""
    paths = [path for found in LINUX_FOUND.values() for path in found]
    environ = {"HOME": "/home/zoe", "PATH": "/usr/bin:bin::/nowhere/"}
    listing = Listing(OS.LINUX, (*paths, *LINUX_ONLY_LIKE, "/usr/bin/krita_version"), environ)
    return ListedPlaces(OS.LINUX, listing, programs_say=LINUX_PROGRAMS_SAY), listing
