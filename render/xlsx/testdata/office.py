"""Edits a workbook in LibreOffice as a person would, and saves it as .xlsx.

    python3 office.py FROM.xlsx TO.xlsx PROFILE-FOLDER < edits.json

Edits are a list, done in order:

    {"sheet": "Decisions", "cell": "M3", "text": "Keep"}       types a text
    {"sheet": "Decisions", "cell": "M3", "formula": "=1+1"}    types a formula
    {"sheet": "Decisions", "unprotect": true}                  lifts the protection
    {"sheet": "Decisions", "remove_row": 5}                    removes a row
    {"sheet": "Decisions", "sort": 1}                          sorts the rows, last first
    {"sheet": "Decisions", "filter": 1}                        hides the rows 5 and 6
    {"add": "Mine", "hidden": true}                            adds a sheet

Prints, as JSON, what the program shows: which sheets are protected, which cells
of them are locked, and the list behind the drop-down.
"""
import json
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table import TableSortField


def prop(name, value):
    p = PropertyValue()
    p.Name, p.Value = name, value
    return p


def connect(profile):
    pipe = "exhibit%d" % abs(hash(profile))
    office = subprocess.Popen(["soffice", "-env:UserInstallation=file://" + profile, "--headless", "--norestore", "--nologo", "--nodefault", "--accept=pipe,name=" + pipe + ";urp;"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    while True:
        try:
            context = resolver.resolve("uno:pipe,name=" + pipe + ";urp;StarOffice.ComponentContext")
            return office, context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:
            if office.poll() is not None:
                raise SystemExit("LibreOffice ended with %s" % office.returncode)
            time.sleep(0.2)


def main():
    source, target, profile = sys.argv[1:4]
    edits = json.load(sys.stdin)
    office, desktop = connect(profile)
    try:
        doc = desktop.loadComponentFromURL("file://" + source, "_blank", 0, (prop("Hidden", True),))
        if doc is None:
            raise SystemExit("LibreOffice does not open " + source)
        sheets = doc.Sheets
        shown = {"sheets": list(sheets.ElementNames), "protected": [n for n in sheets.ElementNames if sheets.getByName(n).isProtected()]}
        decisions = sheets.getByName("Decisions")
        shown["list"] = decisions.getCellRangeByName("M3").Validation.getFormula1()
        shown["locked"] = [c for c in ("A3", "C3", "K3", "L3", "M3", "N3", "O3") if decisions.getCellRangeByName(c).CellProtection.IsLocked]
        for e in edits:
            if "add" in e:
                sheets.insertNewByName(e["add"], sheets.Count)
                sheets.getByName(e["add"]).IsVisible = not e.get("hidden", False)
                continue
            sheet = sheets.getByName(e["sheet"])
            if e.get("unprotect"):
                sheet.unprotect("")
            elif "remove_row" in e:
                sheet.Rows.removeByIndex(e["remove_row"] - 1, 1)
            elif "filter" in e:
                sheet.Rows.getByIndex(4).IsVisible = False
                sheet.Rows.getByIndex(5).IsVisible = False
            elif "sort" in e:
                cursor = sheet.createCursor()
                cursor.gotoEndOfUsedArea(False)
                rows = sheet.getCellRangeByPosition(0, 2, 14, cursor.RangeAddress.EndRow)
                field = TableSortField()
                field.Field, field.IsAscending = 0, False
                rows.sort((prop("SortFields", uno.Any("[]com.sun.star.table.TableSortField", (field,))), prop("ContainsHeader", False)))
            else:
                cell = sheet.getCellRangeByName(e["cell"])
                if "formula" in e:
                    cell.Formula = e["formula"]
                else:
                    cell.String = e["text"]
        doc.storeToURL("file://" + target, (prop("FilterName", "Calc MS Excel 2007 XML"),))
        doc.close(True)
        print(json.dumps(shown))
    finally:
        try:
            desktop.terminate()
        except Exception:
            pass
        office.wait(60)


main()
