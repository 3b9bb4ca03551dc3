"""Writes feeds of weaknesses. usage: feed.py oval [KEY=VALUE…] LINE… | feed.py debsecan [KEY=VALUE…] LINE…

oval      LINE is "CVE PACKAGE EVR"; release=12 age=DAYS entity=TEXT (a document type) tests=no (of no release)
debsecan  LINE is "PACKAGE|FLAGS|UNSTABLE|OTHERS"; sources="SOURCE,BINARY BINARY;…", "" for data of no release
Written to standard output; debsecan's packed with zlib unless plain=yes.
"""
import sys
import time
import zlib

OVAL = "http://oval.mitre.org/XMLSchema/oval-definitions-5"


DEFINITION = """<definition id="oval:org.debian:def:{id}" version="1" class="vulnerability">
<metadata><title>{cve} {name}</title><affected family="unix">{platform}</affected>
<reference source="CVE" ref_id="{cve}" ref_url="https://security-tracker.debian.org/tracker/{cve}"/>
<description>a weakness</description></metadata>
<criteria comment="Release section" operator="AND">{criterion}
<criteria comment="Architecture section" operator="OR">
<criteria comment="Architecture independent section" operator="AND">
<criterion comment="all architecture" test_ref="oval:org.debian.oval:tst:2"/>
<criterion comment="{name} DPKG is earlier than {evr}" test_ref="oval:org.debian.oval:tst:1{id}"/>
</criteria>
</criteria>
</criteria>
</definition>"""

TEST = """<dpkginfo_test check="all" check_existence="at_least_one_exists" comment="{name} is earlier than {evr}"
 id="oval:org.debian.oval:tst:1{id}" version="1" xmlns="{oval}#linux">
<object object_ref="oval:org.debian.oval:obj:1{id}"/>
<state state_ref="oval:org.debian.oval:ste:1{id}"/>
</dpkginfo_test>"""

OBJECT = """<dpkginfo_object id="oval:org.debian.oval:obj:1{id}" version="1" xmlns="{oval}#linux">
<name>{name}</name>
</dpkginfo_object>"""

STATE = """<dpkginfo_state id="oval:org.debian.oval:ste:1{id}" version="1" xmlns="{oval}#linux">
<evr datatype="debian_evr_string" operation="less than">{evr}</evr>
</dpkginfo_state>"""

FILE = """<?xml version="1.0" ?>
{entity}<oval_definitions xmlns="{oval}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5">
<generator>
<oval:product_name>Debian</oval:product_name>
<oval:schema_version>5.11.2</oval:schema_version>
<oval:timestamp>{made}</oval:timestamp>
</generator>
<definitions>
{definitions}
</definitions>
<tests>
<textfilecontent54_test check="all" check_existence="at_least_one_exists" comment="Debian is installed"
 id="oval:org.debian.oval:tst:1" version="1" xmlns="{oval}#independent">
<object object_ref="oval:org.debian.oval:obj:1"/>
<state state_ref="oval:org.debian.oval:ste:1"/>
</textfilecontent54_test>
<uname_test check="all" check_existence="at_least_one_exists" comment="all architecture"
 id="oval:org.debian.oval:tst:2" version="1" xmlns="{oval}#unix">
<object object_ref="oval:org.debian.oval:obj:2"/>
</uname_test>
{tests}
</tests>
<objects>
<textfilecontent54_object id="oval:org.debian.oval:obj:1" version="1" xmlns="{oval}#independent">
<path>/etc</path>
<filename>debian_version</filename>
<pattern operation="pattern match">(\\d+)\\.\\d</pattern>
<instance datatype="int">1</instance>
</textfilecontent54_object>
<uname_object id="oval:org.debian.oval:obj:2" version="1" xmlns="{oval}#unix"></uname_object>
{objects}
</objects>
<states>
<textfilecontent54_state id="oval:org.debian.oval:ste:1" version="1" xmlns="{oval}#independent">
<subexpression operation="equals">{release}</subexpression>
</textfilecontent54_state>
{states}
</states>
</oval_definitions>
"""


def oval(options, lines):
    made = time.gmtime(time.time() - float(options.get("age", "0")) * 86400)
    release = options.get("release", "12")
    told = options.get("tests") != "no"
    common = {
        "oval": OVAL,
        "platform": "<platform>Debian GNU/Linux " + release + "</platform>" if told else "",
        "criterion": '<criterion comment="Debian is installed" test_ref="oval:org.debian.oval:tst:1"/>' if told else "",
    }
    parts = []
    for at, line in enumerate(lines, 1):
        cve, package, evr = line.split()
        parts.append(dict(common, id=at, cve=cve, name=package, evr=evr))

    def each(template):
        return "\n".join(template.format(**part) for part in parts)

    return FILE.format(oval=OVAL, entity=options.get("entity", ""), release=release if told else "x",
                       made=time.strftime("%Y-%m-%dT%H:%M:%S.188-00:00", made), definitions=each(DEFINITION),
                       tests=each(TEST), objects=each(OBJECT), states=each(STATE)).encode()


def debsecan(options, lines):
    text = "VERSION 1\n"
    text += "".join("CVE-2026-%04d,,A weakness, with a comma\n" % at for at in range(1, len(lines) + 1)) + "\n"
    for at, line in enumerate(lines):
        package, flags, unstable, others = line.split("|")
        text += "%s,%d,%s,%s,%s\n" % (package, at, flags, unstable, others)
    text += "\n"
    sources = options.get("sources", "openssl,openssl libssl3;bash,bash")
    if sources:
        text += "".join(one + "\n" for one in sources.split(";")) + "\n"
    return text.encode() if options.get("plain") == "yes" else zlib.compress(text.encode(), 9)


def main():
    split = [one for one in sys.argv[2:] if "=" in one.split("|")[0].split()[0]]
    options = dict(one.split("=", 1) for one in split)
    lines = [one for one in sys.argv[2:] if one not in split]
    sys.stdout.buffer.write((oval if sys.argv[1] == "oval" else debsecan)(options, lines))


main()
