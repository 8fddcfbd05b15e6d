#!/usr/bin/env python3
"""Fill a Zou with a small, realistic studio, through gazu.  Idempotent: what exists is found by name and kept.

    seed.py --host http://127.0.0.1:5000 --email ADMIN --password SECRET --out ids.json [--media FOLDER] [--tasks 0]

Needs gazu and, for the previews, ffmpeg.  What it makes:
  "Lab Short"  a short film (25 fps, 1920x1080): assets, one sequence with shots, an edit, casting,
               fps and resolution of one shot
  "Lab TV"     a TV show (23.976 fps): two episodes, an asset of an episode, an asset of the main pack
  "L'Été à l'Œuf / 卵 ../x"   a production whose names try to break paths, shells and templates (see NASTY)
  people       every role, one artist who is in the team but assigned to nothing, one outside every team, one inactive
  previews     movie (two revisions), picture, two files in one revision, pdf, glb; comments with retakes; time spent;
               a playlist; milestones; software; a file tree and working files
  --tasks N    adds N shots with an animation task each ("Bulk"), for measuring
The JSON at --out holds every id, and the accounts with their passwords (they are of the test studio only).
"""

import argparse
import datetime
import json
import struct
import subprocess
import tempfile
from pathlib import Path

import gazu

PEOPLE = {  # key -> first name, last name, e-mail, role, password
    "manager": ("Mona", "Gere", "manager@studio.example", "manager", "ManagerLab!2026"),
    "supervisor": ("Susan", "Visor", "supervisor@studio.example", "supervisor", "SuperLab!2026"),
    "user": ("Art", "Ist", "artist@studio.example", "user", "ArtistLab!2026"),
    "teammate": ("Zoë", "Ní Bhriain", "teammate@studio.example", "user", "TeamLab!2026"),
    "vendor": ("Ven", "Dor", "vendor@studio.example", "vendor", "VendorLab!2026"),
    "client": ("Cli", "Ent", "client@studio.example", "client", "ClientLab!2026"),
    "outsider": ("Out", "Sider", "outsider@studio.example", "user", "OutsiderLab!2026"),
    "inactive": ("Gone", "Away", "inactive@studio.example", "user", "InactiveLab!2026"),
}
NASTY = [
    "../../etc/passwd",
    "a/b\\c",
    "-rf",
    "--python-expr",
    "name with  spaces ",
    "quote\"and'apostrophe",
    "$(touch x)`y`;&|",
    "%PATH%^&calc",
    "CON",
    "aux.txt",
    "dot.",
    ".hidden",
    "tab\there",
    "line\nbreak",
    "Ünïcödé ñ",
    "cafe\u0301",
    "日本語カット",
    "عربي",
    "rtl\u202egpj.exe",
    "zero\u200bwidth",
    "emoji 🎬",
    "{project.name}",
    "<b>bold</b>",
    "x" * 160,
]


def glb():
    """The smallest valid binary glTF: one triangle."""
    buf = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)
    doc = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "buffers": [{"byteLength": len(buf)}],
        "bufferViews": [{"buffer": 0, "byteLength": len(buf)}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}
        ],
    }
    text = json.dumps(doc).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(buf), 0x004E4942) + buf
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def media(folder):
    folder.mkdir(parents=True, exist_ok=True)

    def ff(*a):
        return subprocess.run(["ffmpeg", "-v", "error", "-y", *a], check=True)

    out = {}
    for name, source in (
        ("sh010_v001.mp4", "testsrc=size=640x360:rate=25:duration=2"),
        ("sh010_v002.mp4", "testsrc2=size=1280x720:rate=25:duration=4"),
    ):
        if not (
            folder / name
        ).exists():  # with an audio track: Zou 1.0.97 with ffmpeg 5.1 calls a silent movie "broken"
            ff(
                "-f",
                "lavfi",
                "-i",
                source,
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440:duration=4",
                "-c:v",
                "libx264",
                "-pix_fmt",
                "yuv420p",
                "-c:a",
                "aac",
                "-shortest",
                folder / name,
            )
        out[name] = folder / name
    for name, source in (("robot_v001.png", "testsrc2=size=640x360"), ("robot_back.jpg", "testsrc=size=320x240")):
        if not (folder / name).exists():
            ff("-f", "lavfi", "-i", source + ":rate=1:duration=1", "-frames:v", "1", folder / name)
        out[name] = folder / name
    (folder / "lamp.glb").write_bytes(glb())
    (folder / "board.pdf").write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
    return {**out, "lamp.glb": folder / "lamp.glb", "board.pdf": folder / "board.pdf"}


class Studio:
    def __init__(self, a):
        self.a, self.ids = a, {"host": a.host, "users": {"admin": {"email": a.email, "password": a.password}}}
        gazu.set_host(a.host)
        self.as_("admin")

    def as_(self, who):
        gazu.cache.clear_all()
        gazu.log_in(self.ids["users"][who]["email"], self.ids["users"][who]["password"])

    def people(self):
        self.p = {"admin": gazu.person.get_person_by_email(self.a.email)}
        self.ids["users"]["admin"]["id"] = self.p["admin"]["id"]
        depts = {d["name"]: d for d in gazu.person.all_departments()}
        for key, (first, last, email, role, password) in PEOPLE.items():
            # a person with a department sees only its columns in Kitsu by default: the main artist keeps none
            dept = [depts["Animation"]] if key in ("teammate", "supervisor") and "Animation" in depts else []
            person = gazu.person.new_person(first, last, email, role=role, departments=dept)
            gazu.client.post(
                f"actions/persons/{person['id']}/change-password", {"password": password, "password_2": password}
            )
            self.p[key] = person
            self.ids["users"][key] = {"email": email, "password": password, "id": person["id"], "role": role}
        gazu.client.put(f"data/persons/{self.p['inactive']['id']}", {"active": False})

    def vocabulary(self):
        have = gazu.task.all_task_types()

        def task_type(name, entity, **k):
            return next(
                (t for t in have if t["name"] == name and t["for_entity"] == entity), None
            ) or gazu.task.new_task_type(name, for_entity=entity, **k)

        self.tt = {
            "Modeling": task_type("Modeling", "Asset"),
            "Animation": task_type("Animation", "Shot"),
            "Rendering": task_type("Rendering", "Shot"),
            "Storyboard": task_type("Sequence Board", "Sequence"),
            "Edit": task_type("Edit", "Edit"),
            "Episode": task_type("Episode Review", "Episode"),
            "Concept": task_type("Concept", "Concept"),
        }
        self.at = {
            n: gazu.asset.get_asset_type_by_name(n) or gazu.asset.new_asset_type(n)
            for n in ("Characters", "Props", "Environment")
        }
        self.ts = {s["short_name"]: s for s in gazu.task.all_task_statuses()}
        self.sw = {
            "Blender": gazu.files.new_software("Blender", "blender", "blend"),
            "Maya": gazu.files.new_software("Maya", "maya", "ma", secondary_extensions=["mb"]),
            "RV": gazu.files.new_software("OpenRV", "rv", "rv"),
        }

    def project(self, name, kind, **fields):
        p = gazu.project.get_project_by_name(name) or gazu.project.new_project(name, production_type=kind)
        gazu.client.put(f"data/projects/{p['id']}", fields)
        for key, person in self.p.items():
            if key not in ("outsider", "inactive"):
                gazu.project.add_person_to_team(p, person)
        for a in self.at.values():
            gazu.project.add_asset_type(p, a)
        for i, t in enumerate(self.tt.values()):
            gazu.project.add_task_type(p, t, priority=i + 1)
        for s in self.ts.values():
            gazu.project.add_task_status(p, s)
        where = {"mountpoint": "/mnt/prod", "root": "productions"}

        def path(leaf):
            return {
                "shot": f"<Project>/shots/<Sequence>/<Shot>/{leaf}",
                "asset": f"<Project>/assets/<AssetType>/<Asset>/{leaf}",
                "sequence": f"<Project>/sequences/<Sequence>/{leaf}",
                "episode": f"<Project>/episodes/<Episode>/{leaf}",
                "style": "lowercase",
            }

        def name_(leaf):
            return {
                "shot": f"<Project>_<Sequence>_<Shot>_{leaf}",
                "asset": f"<Project>_<AssetType>_<Asset>_{leaf}",
                "sequence": f"<Project>_<Sequence>_{leaf}",
                "episode": f"<Project>_<Episode>_{leaf}",
                "style": "lowercase",
            }

        gazu.files.update_project_file_tree(
            p,
            {
                "working": {**where, "folder_path": path("<TaskType>"), "file_name": name_("<TaskType>")},
                "output": {
                    **where,
                    "root": "productions/export",
                    "folder_path": path("<OutputType>"),
                    "file_name": name_("<OutputType>_<OutputFile>"),
                },
                "preview": {
                    **where,
                    "root": "productions/previews",
                    "folder_path": path("<TaskType>"),
                    "file_name": name_("<TaskType>"),
                },
            },
        )
        return gazu.project.get_project(p["id"])

    def task(self, key, entity, kind, *who):
        t = gazu.task.new_task(entity, self.tt[kind], task_status=self.ts["wip"])
        for w in who:
            gazu.task.assign_task(t, self.p[w])
        self.tasks[key] = t
        return t

    def productions(self):
        today = datetime.date.today()
        dates = {"start_date": str(today - datetime.timedelta(90)), "end_date": str(today + datetime.timedelta(90))}
        self.tasks = {}
        short = self.short = self.project(
            "Lab Short",
            "short",
            code="LS",
            fps="25",
            resolution="1920x1080",
            ratio="16:9",
            data={"ocio_config": "/mnt/prod/ocio/config.ocio", "colorspace": "ACEScg"},
            **dates,
        )
        for entity, name, kind in (("Asset", "Polycount", "number"), ("Shot", "Camera Lens", "string")):
            if name not in [d["name"] for d in gazu.project.all_metadata_descriptors(short)]:
                gazu.project.add_metadata_descriptor(short, name, entity, data_type=kind)
        self.assets = {
            n: gazu.asset.new_asset(short, self.at[t], n, description=f"The {n.lower()}", extra_data=x)
            for n, t, x in (
                ("Robot", "Characters", {"polycount": 120000, "rig": "biped"}),
                ("Lamp", "Props", {"polycount": 4000}),
                ("Kitchen", "Environment", {"polycount": 900000}),
            )
        }
        self.sq = gazu.shot.new_sequence(short, "SQ01")
        self.shots = {}
        for i, n in enumerate(("SH010", "SH020", "SH030")):
            more = {"fps": 30, "resolution": "3840x2160"} if n == "SH030" else {}
            self.shots[n] = gazu.shot.new_shot(
                short,
                self.sq,
                n,
                nb_frames=100 + i,
                frame_in=1001,
                frame_out=1100 + i,
                data={"camera_lens": "35mm", "handles": 8, **more},
            )
            gazu.casting.update_shot_casting(
                short,
                self.shots[n],
                [
                    {"asset_id": self.assets["Robot"]["id"], "nb_occurences": 2},
                    {"asset_id": self.assets["Kitchen"]["id"], "nb_occurences": 1},
                ],
            )
        self.edit = gazu.edit.get_edit_by_name(short, "Edit v1") or gazu.edit.new_edit(short, "Edit v1")
        tv = self.tv = self.project(
            "Lab TV", "tvshow", code="LTV", fps="23.976", resolution="1280x720", ratio="16:9", **dates
        )
        self.ep, self.ep2 = gazu.shot.new_episode(tv, "E01"), gazu.shot.new_episode(tv, "E02")
        self.tvsq = gazu.shot.new_sequence(tv, "SQ01", episode=self.ep)
        self.tvshot = gazu.shot.new_shot(tv, self.tvsq, "SH0010", nb_frames=48, frame_in=1, frame_out=48)
        self.tvasset = gazu.asset.new_asset(tv, self.at["Characters"], "Hero", episode=self.ep)
        self.tvmain = gazu.asset.new_asset(tv, self.at["Props"], "MainPack Sword")
        for n, a in self.assets.items():
            self.task(f"Modeling {n}", a, "Modeling", "user", *(["vendor"] if n == "Lamp" else []))
        for n, s in self.shots.items():
            self.task(f"Animation {n}", s, "Animation", "user", *(["supervisor"] if n == "SH010" else []))
            self.task(f"Rendering {n}", s, "Rendering", "supervisor")
        self.task("Board SQ01", self.sq, "Storyboard", "user")
        self.task("Edit", self.edit, "Edit", "user")
        self.task("TV Animation", self.tvshot, "Animation", "user")
        self.task("TV Modeling", self.tvasset, "Modeling", "user")
        self.task("TV Main", self.tvmain, "Modeling", "user")
        self.task("TV Episode", self.ep, "Episode", "user")
        # names that try to break things
        nasty = self.nasty = self.project(
            "L'Été à l'Œuf / 卵 ../x", "short", code="../-Ω", fps="12", resolution="2048x858", ratio="2.39:1", **dates
        )
        nsq = gazu.shot.new_sequence(nasty, '../SQ "1"')
        self.ids["nasty"] = {}
        have = {
            a["name"]: a for a in gazu.asset.all_assets_for_project(nasty)
        }  # exact: Zou's name filter is a LIKE, it misses a backslash
        for n in NASTY:
            a = have.get(n) or gazu.asset.new_asset(nasty, self.at["Props"], n)
            t = self.task(f"Nasty {n}", a, "Modeling", "user")
            self.ids["nasty"][n] = {"entity": a["id"], "task": t["id"], "stored_name": a["name"]}
        self.task("Nasty shot", gazu.shot.new_shot(nasty, nsq, "-SH/010;rm", nb_frames=10), "Animation", "user")
        if self.a.tasks:
            bulk = gazu.shot.new_sequence(short, "Bulk")
            self.ids["bulk"] = [
                self.task(
                    f"Bulk {i:04}",
                    gazu.shot.new_shot(short, bulk, f"B{i:04}", nb_frames=50 + i % 90),
                    "Animation",
                    "user",
                )["id"]
                for i in range(self.a.tasks)
            ]

    def files(self):
        self.as_("user")
        self.wf = {}
        for key, soft in (("Animation SH010", "Blender"), ("Modeling Robot", "Maya")):
            have = gazu.files.get_working_files_for_task(self.tasks[key])
            for i in range(2 - len(have)):
                gazu.files.new_working_file(
                    self.tasks[key], name="main", software=self.sw[soft], comment=f"rev {i + 1}"
                )
            self.wf[key] = gazu.files.get_working_files_for_task(self.tasks[key])
        self.as_("admin")
        self.ot = {
            n: gazu.files.new_output_type(n, s) for n, s in (("Playblast", "pb"), ("Cache", "cache"), ("EXR", "exr"))
        }
        if not gazu.files.all_output_files_for_entity(self.shots["SH010"]):
            for kind, ext in (("Playblast", "mp4"), ("Cache", "abc")):
                gazu.files.new_entity_output_file(
                    self.shots["SH010"],
                    self.ot[kind],
                    self.tt["Animation"],
                    kind.lower(),
                    working_file=self.wf["Animation SH010"][0],
                    person=self.p["user"],
                    representation=ext,
                    name="main",
                )
        self.of = gazu.files.all_output_files_for_entity(self.shots["SH010"])

    def reviews(self):
        m = media(Path(self.a.media or tempfile.mkdtemp(prefix="seed-media-")))
        self.pv, plan = (
            {},
            (
                ("Animation SH010", ["sh010_v001.mp4"], "wfa"),
                ("Animation SH010", ["sh010_v002.mp4"], "wfa"),
                ("Animation SH020", ["sh010_v001.mp4"], "wfa"),
                ("Modeling Robot", ["robot_v001.png", "robot_back.jpg"], "wfa"),
                ("Modeling Lamp", ["lamp.glb"], "wfa"),
                ("Board SQ01", ["board.pdf"], "wfa"),
                ("TV Animation", ["sh010_v001.mp4"], "wfa"),
            ),
        )
        seen = {}
        for key, names, status in plan:
            self.as_("user")
            t, seen[key] = self.tasks[key], seen.get(key, 0) + 1
            if len({p["revision"] for p in gazu.task.all_previews_for_task(t)}) < seen[key]:
                comment, _preview = gazu.task.publish_preview(
                    t,
                    self.ts[status],
                    comment=f"pass {seen[key]} — ready for review",
                    preview_file_path=str(m[names[0]]),
                    set_thumbnail=True,
                )
                for n in names[1:]:
                    gazu.task.add_extra_preview(t, comment, gazu.task.all_previews_for_task(t)[0], str(m[n]))
                if key == "Animation SH010" and seen[key] == 1:
                    self.as_("supervisor")
                    gazu.task.add_comment(
                        t,
                        self.ts["retake"],
                        "The hand pops at 1042, «please» fix <b>it</b>.",
                        checklist=[{"text": "hand", "checked": False}],
                    )
            self.as_("user")
            self.pv[key] = sorted(gazu.task.all_previews_for_task(t), key=lambda p: (p["revision"], p["position"]))
        today = datetime.date.today()
        for i, key in enumerate(("Animation SH010", "Animation SH020", "Modeling Robot")):
            for d in range(3):
                gazu.task.set_time_spent(
                    self.tasks[key], self.p["user"], str(today - datetime.timedelta(d)), 60 * (i + 1)
                )
        self.as_("admin")
        for i, key in enumerate(("Animation SH010", "Animation SH020")):
            gazu.client.put(
                f"data/tasks/{self.tasks[key]['id']}",
                {
                    "estimation": 960,
                    "start_date": str(today - datetime.timedelta(5)),
                    "due_date": str(today + datetime.timedelta(5 * i - 2)),
                },
            )
        if not gazu.project.get_milestones(self.short):
            gazu.client.post(
                "data/milestones",
                {
                    "name": "Animation locked",
                    "date": str(today + datetime.timedelta(14)),
                    "project_id": self.short["id"],
                    "task_type_id": self.tt["Animation"]["id"],
                },
            )
        self.as_("manager")
        pl = gazu.playlist.new_playlist(self.short, "Dailies", for_entity="shot")
        if not pl.get("shots"):
            for n in ("SH010", "SH020"):
                gazu.playlist.add_entity_to_playlist(pl, self.shots[n], self.pv[f"Animation {n}"][-1])
        self.pl = gazu.playlist.get_playlist(pl)

    def write(self):
        def ids(d):
            return {k: v["id"] for k, v in d.items()}

        self.ids.update(
            project_short=self.short["id"],
            project_tv=self.tv["id"],
            project_nasty=self.nasty["id"],
            episode=self.ep["id"],
            episode2=self.ep2["id"],
            sequence=self.sq["id"],
            tv_sequence=self.tvsq["id"],
            edit=self.edit["id"],
            assets=ids(self.assets),
            shots=ids(self.shots),
            tv_shot=self.tvshot["id"],
            tv_asset=self.tvasset["id"],
            tv_main_asset=self.tvmain["id"],
            tasks=ids(self.tasks),
            task_types=ids(self.tt),
            asset_types=ids(self.at),
            statuses=ids(self.ts),
            software=ids(self.sw),
            output_types=ids(self.ot),
            working_files={k: [x["id"] for x in v] for k, v in self.wf.items()},
            output_files=[x["id"] for x in self.of],
            playlist=self.pl["id"],
            previews={
                k: {
                    "id": v[-1]["id"],
                    "extension": v[-1]["extension"],
                    "status": v[-1].get("status"),
                    "all": [x["id"] for x in v],
                }
                for k, v in self.pv.items()
            },
        )
        Path(self.a.out).write_text(json.dumps(self.ids, indent=1, ensure_ascii=False))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("host", "email", "password", "out"):
        p.add_argument(f"--{name}", required=True)
    p.add_argument("--media", help="folder for the generated media (default: a temporary one)")
    p.add_argument("--tasks", type=int, default=0)
    studio = Studio(p.parse_args())
    for step in (studio.people, studio.vocabulary, studio.productions, studio.files, studio.reviews, studio.write):
        step()
    print(
        json.dumps(
            {
                "out": studio.a.out,
                "tasks": len(studio.tasks),
                "previews": {k: v["status"] for k, v in studio.ids["previews"].items()},
            }
        )
    )


if __name__ == "__main__":
    main()
