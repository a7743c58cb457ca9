"""Lists mail headers with Google's own client for Python, as a program of some other author would.

Started with the address of a server and how many headers go into a batch. Reads how many to list from each line of
standard input, and answers each with the seconds it took. Needs `google-api-python-client` (`cargo xtask bench` brings
it).
"""

import sys
import time

import google.auth.credentials
import httplib2
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.http import BatchHttpRequest

HEADERS = ["From", "To", "Subject", "Date"]


class Lent(google.auth.credentials.Credentials):
    """A token that never ends."""

    def __init__(self):
        super().__init__()
        self.token = "stub"

    def refresh(self, request):
        raise RuntimeError("nothing to refresh")


def main(base, batch_size):
    http = AuthorizedHttp(Lent(), http=httplib2.Http())
    gmail = build("gmail", "v1", http=http, client_options={"api_endpoint": base}, static_discovery=True)
    messages = gmail.users().messages()
    for line in sys.stdin:
        began = time.perf_counter()
        seen = fetch(messages, http, base, int(line), batch_size)
        took = time.perf_counter() - began
        if len(seen) != int(line):
            raise RuntimeError(f"{len(seen)} headers came")
        print(took, flush=True)


def fetch(messages, http, base, count, batch_size):
    listed = messages.list(userId="me", maxResults=count).execute()["messages"]
    seen = {}

    def keep(_id, answer, error):
        if error is not None:
            raise error
        seen[answer["id"]] = {one["name"]: one["value"] for one in answer["payload"]["headers"]}

    for start in range(0, len(listed), batch_size):
        batch = BatchHttpRequest(callback=keep, batch_uri=f"{base}/batch/gmail/v1")
        for one in listed[start : start + batch_size]:
            batch.add(messages.get(userId="me", id=one["id"], format="metadata", metadataHeaders=HEADERS))
        batch.execute(http=http)
    return seen


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
