"""JSON APIs and files behind URLs, from a server on this machine."""

import gzip
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.hyperparameters import as_config
from datamodules.sources.http import fetch
from datamodules.sources.json_api import JsonApi
from datamodules.sources.json_pages import flat, records_in
from datamodules.sources.tables import read_table
from tests.datamodules.sources.files import write
from tests.datamodules.sources.site import serving

ROWS = [{"id": 1, "who": {"name": "a", "at": {"x": 2}}}, {"id": 2, "who": {"name": "b"}}]


CSV = b"a,b\n1,2\n3,4\n"
LIST = b'[{"a":1,"b":2},{"a":3,"b":4}]'


@pytest.mark.parametrize(
    ("path", "headers", "content"),
    [
        ("/export", {"Content-Type": "text/csv; charset=utf-8"}, CSV),
        ("/x.csv.gz", {}, gzip.compress(CSV, mtime=0)),
        ("/x.csv", {"Content-Encoding": "gzip"}, gzip.compress(CSV, mtime=0)),
        ("/lines", {"Content-Type": "application/x-ndjson"}, b'{"a":1,"b":2}\n{"a":3,"b":4}'),
        ("/api", {"Content-Encoding": "gzip"}, gzip.compress(LIST, mtime=0)),
    ],
)
def test_an_answer_is_read_as_what_it_says_it_is(path, headers, content):
    with serving() as site:
        site.pages({path: (200, headers, content)})
        assert read_table(f"{site.url}{path}").frame.rows() == [(1, 2), (3, 4)]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/x", "http://h:port/x", "http:///x", "http://[::1/x"]
)
def test_an_address_that_cannot_be_is_told(url):
    assert f"'{url}' is no URL" in error(url)


def body(value) -> bytes:
    return json.dumps(value).encode()


def error(source: str, **settings) -> str:
    with pytest.raises(UserError) as caught:
        read_table(source, reader=JsonApi(**settings) if settings else None)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("answer", "records"),
    [
        (ROWS, None),
        ({"count": 2, "results": ROWS, "tags": ["x"]}, None),
        ({"data": {"items": ROWS, "other": []}}, None),
        ({"a": ROWS[:1], "b": {"c": ROWS}}, "b.c"),
        ({"a": [{"rows": ROWS}], "b": ROWS[:1]}, "a.0.rows"),
    ],
)
def test_the_list_of_objects_is_found_or_named(site, answer, records):
    site.pages({"/x": body(answer)})
    reader = None if records is None else JsonApi(records=records)
    frame = read_table(f"{site.url}/x", reader=reader).frame
    assert frame.columns == ["id", "who.name", "who.at.x"]
    assert frame.rows() == [(1, "a", 2), (2, "b", None)]


def test_dates_and_marks_are_told_apart(site):
    site.pages({"/x": body([{"t": "2024-01-02T03:04:05Z", "n": "1"}, {"t": None, "n": "NA"}])})
    frame = read_table(f"{site.url}/x").frame
    assert frame.schema == {"t": pl.Datetime("us"), "n": pl.Int64}


def pages_of_three(site: Any, link: Callable[..., Any]) -> None:
    """Serve three pages; ``link`` makes the headers and body of each from the next path."""
    served = {}
    for number in (1, 2, 3):
        following = None if number == 3 else f"/x?p={number + 1}"
        headers, value = link([{"id": number}], following)
        path = "/x" if number == 1 else f"/x?p={number}"
        served[path] = (200, headers, body(value))
    site.pages(served)


@pytest.mark.parametrize(
    "link",
    [
        lambda rows, to: ({"Link": f'<{to}>; rel="next", </x>; rel="first"'} if to else {}, rows),
        lambda rows, to: ({}, {"results": rows, "next": to}),
        lambda rows, to: ({}, {"data": rows, "links": {"next": to, "self": "/x"}}),
        lambda rows, to: ({}, {"value": rows} | ({"@odata.nextLink": to} if to else {})),
        lambda rows, to: ({}, {"items": rows, "_links": {"next": {"href": to}} if to else {}}),
        lambda rows, to: ({}, {"items": rows, "paging": {"next": to and f"?{to[3:]}"}}),
    ],
)
def test_pages_are_followed(site, link):
    pages_of_three(site, link)
    records = read_table(f"{site.url}/x")
    assert records.frame["id"].to_list() == [1, 2, 3]
    assert records.notes == ["Read 3 rows of 3 pages."]


def test_pages_are_counted_until_one_is_empty(site):
    served = {f"/x?a=b&p={n}": body([{"id": n}] if n < 4 else []) for n in range(1, 5)}
    site.pages(served)
    assert len(read_table(f"{site.url}/x?a=b", reader=JsonApi(page="p")).frame) == 3
    assert len(read_table(f"{site.url}/x?a=b&p=2", reader=JsonApi(page="p")).frame) == 2


def test_a_cursor_is_handed_on(site):
    site.pages(
        {
            "/x": body({"rows": [{"id": 1}], "meta": {"more": "a b"}}),
            "/x?cursor=a+b": body({"rows": [{"id": 2}], "meta": {"more": None}}),
        }
    )
    reader = JsonApi(next="meta.more", page="cursor")
    assert read_table(f"{site.url}/x", reader=reader).frame["id"].to_list() == [1, 2]


def test_a_cursor_that_was_not_asked_for_is_told(site):
    site.pages({"/x": body({"rows": [{"id": 1}], "next_cursor": "abc"})})
    message = error(f"{site.url}/x")
    assert "--data.reader.next next_cursor --data.reader.page PARAMETER" in message


def test_most_pages_ends_with_a_note(site):
    pages_of_three(site, lambda rows, to: ({}, {"results": rows, "next": to}))
    records = read_table(f"{site.url}/x", reader=JsonApi(most_pages=2))
    assert len(records.frame) == 2
    assert "more pages than the 2 that were read" in records.notes[-1]


def test_pages_in_a_circle_are_told(site):
    site.pages(
        {
            "/x": body({"results": [{"id": 1}], "next": "/y"}),
            "/y": body({"results": [{"id": 2}], "next": "/x"}),
        }
    )
    assert "lead in a circle: page 2 names a page" in error(f"{site.url}/x")
    site.answer = lambda path, headers: (200, {}, body(ROWS))
    assert "pages 1 and 2 of" in error(f"{site.url}/x", page="nr")


def test_headers_from_the_environment_go_to_the_server_alone(site, monkeypatch):
    seen = []

    def answer(path, headers):
        seen.append(headers.get("Authorization"))
        other = site.url.replace("127.0.0.1", "localhost")
        if path == "/x":
            return 200, {}, body({"rows": [{"id": 1}], "next": f"{other}/y"})
        if path == "/y":
            return 302, {"Location": f"{site.url}/z"}, b""
        return 200, {}, body({"rows": [{"id": 2}], "next": None})

    site.answer = answer
    reader = JsonApi(headers={"Authorization": "Bearer ${TOKEN}"})
    with pytest.raises(UserError, match="'TOKEN' is not set"):
        read_table(f"{site.url}/x", reader=reader)
    monkeypatch.setenv("TOKEN", "t0ken")
    assert len(read_table(f"{site.url}/x", reader=reader).frame) == 2
    assert seen == ["Bearer t0ken", None, None]
    assert as_config(reader)["init_args"] == {"headers": {"Authorization": "Bearer ${TOKEN}"}}


def test_a_redirect_to_another_server_is_told_no_headers(site):
    seen = {}

    def answer(path, headers):
        seen[path] = headers.get("X-Key")
        other = site.url.replace("127.0.0.1", "localhost")
        if path == "/x":
            return 302, {"Location": f"{other}/y"}, b""
        return 200, {}, body(ROWS)

    site.answer = answer
    read_table(f"{site.url}/x", reader=JsonApi(headers={"X-Key": "k"}))
    assert seen == {"/x": "k", "/y": None}


def test_user_and_password_of_a_url_are_sent_and_not_told(site):
    seen = []

    def answer(path, headers):
        seen.append(headers.get("Authorization"))
        return 404, {}, b""

    site.answer = answer
    message = error(f"{site.url.replace('//', '//me:s3cret@')}/x?api_key=abc")
    assert seen == ["Basic bWU6czNjcmV0"]
    assert "//me:***@" in message
    assert "s3cret" not in message
    assert "api_key=***" in message


def test_what_passes_is_tried_again(site, monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr("datamodules.sources.http.time.sleep", waits.append)
    answers = [(429, {"Retry-After": "7"}, b""), (503, {}, b""), (200, {}, body(ROWS))]
    site.answer = lambda path, headers: answers.pop(0)
    assert len(read_table(f"{site.url}/x").frame) == 2
    assert waits == [7.0, 1.0]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, {}, b""), "there is nothing at this address (status 404)"),
        ((401, {}, b""), "--data.reader.headers.Authorization"),
        ((403, {}, b""), "it refuses"),
        ((500, {}, b""), "after 4 attempts: it answers Internal Server Error (status 500)"),
        ((429, {"Retry-After": "3600"}, b""), "asks to be left alone for 3600 s"),
        ((418, {}, b""), "(status 418)"),
        ((200, {}, b"<!DOCTYPE html><html>"), "answers with a web page (HTML), not with JSON"),
        ((200, {}, b"<a/>"), "answers with XML"),
        ((200, {}, b""), "answers with nothing"),
        ((200, {}, b"[{]"), "is not valid JSON"),
        ((200, {}, b"[]"), "gives no rows"),
        ((200, {}, b'{"results": []}'), "gives no rows"),
        ((200, {}, b"[1, 2]"), "stands no list of objects"),
        ((200, {}, b"3"), "no list of objects"),
        ((200, {}, b'{"message": "hi"}'), "no list of objects; there are 'message'."),
        ((200, {}, body({"a": ROWS, "b": ROWS})), "several lists ('a', 'b'): name one"),
        ((302, {"Location": "/x"}, b""), "leads in a circle: its redirects never end"),
        ((200, {"Content-Length": "99"}, b"[]"), "the answer broke off"),
    ],
)
def test_an_answer_that_is_none_is_one_sentence(site, answer, told):
    site.answer = lambda path, headers: answer
    message = error(f"{site.url}/x")
    assert told in message
    assert f"{site.url}/x" in message


def test_a_page_in_the_middle_that_is_broken_is_named(site):
    pages_of_three(site, lambda rows, to: ({}, {"results": rows, "next": to}))
    before = site.answer
    site.answer = lambda path, h: (200, {}, b"[{") if path == "/x?p=3" else before(path, h)
    assert "/x' (page 3) is not valid JSON" in error(f"{site.url}/x")


def test_a_wrong_name_of_the_records_lists_what_there_is(site):
    site.pages({"/x": body({"data": {"items": ROWS}})})
    assert error(f"{site.url}/x", records="data.rows").endswith(
        "stands no list of objects; there are 'items'."
    )


def test_nothing_answers():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/x"
    assert error(url, retries=0).endswith("nothing answers there.")
    assert "no server of that name" in error("http://no.such.invalid/x", retries=0)
    assert "is no URL" in error("http:///x", retries=0)


def test_a_server_that_is_silent_is_not_waited_for(site):
    over = threading.Event()
    site.answer = lambda path, headers: (over.wait(5), (200, {}, b"[]"))[1]
    start = time.monotonic()
    message = error(f"{site.url}/x", timeout=0.2, retries=1)
    over.set()
    assert "after 2 attempts: no answer within 0.2 s" in message
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet", "json"])
def test_files_behind_urls(site, suffix, tmp_path):
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    path = tmp_path / f"t.{suffix}"
    write(frame, path)
    site.pages({f"/t.{suffix}?v=1": path.read_bytes()})
    assert read_table(f"{site.url}/t.{suffix}?v=1").frame.equals(frame)


def test_a_file_that_is_broken_is_named_by_its_url(site):
    site.pages({"/t.csv": b"a,b\n1,2,3\n", "/u.csv": b"<html></html>"})
    assert error(f"{site.url}/t.csv").startswith(f"Line 2 of '{site.url}/t.csv' has 3 values")
    assert "is a web page (HTML), not a table" in error(f"{site.url}/u.csv")


def test_https_without_a_valid_certificate_or_without_https(site):
    message = error(f"{site.url.replace('http:', 'https:')}/x", retries=0)
    assert "does not speak HTTPS as it should" in message


def test_settings_that_cannot_be():
    with pytest.raises(UserError, match="time-out is above 0 s"):
        JsonApi(timeout=0)


def test_fetch_gives_small_names_of_headers(site):
    site.pages({"/x": (200, {"X-Thing": "1"}, gzip.compress(b"1"))})
    assert fetch(f"{site.url}/x").headers["x-thing"] == "1"


def test_flat_and_records_in():
    assert flat({"a": {"b": {"c": 1}}, "d": [1]}) == {"a.b.c": 1, "d": [1]}
    assert records_in("x", {"a": {"b": [{"c": 1}]}, "e": []}) == "a.b"


def test_a_certificate_of_ones_own_is_no_proof(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes a certificate, is not installed")
    key, paper = tmp_path / "key.pem", tmp_path / "paper.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=127.0.0.1",
    ]
    subprocess.run([*made, "-keyout", key, "-out", paper], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paper, key)
    with serving(context) as site:
        message = error(f"{site.url}/x", retries=0)
    assert "cannot prove who it is: self-signed certificate" in message
