import itertools
import re
from collections import defaultdict, deque

PUBLIC_ID = re.compile(r"([a-z]+_)[0-7][0-9a-hjkmnp-tv-z]{25}")
IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,240}")
ENTITY_TAGS = re.compile(r'\*|(W/)?"[!#-~]*"(, (W/)?"[!#-~]*")*')
REGION_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
PAGE_TOKEN = re.compile(r"[A-Za-z0-9_-]*")
REGION = "eu"
LISTS_OF_WHAT_NO_CALL_MAKES = ("GET /api/v1/admin/access-keys", "GET /api/v1/admin/join-tokens",
                              "GET /api/v1/admin/enrolment-tickets")
REMEMBERED = 8
KNOWN_TEXT_EVERY = 2
KEY_EVERY = 12
ANY_TAG_EVERY = 2


class KnownThings:
    def __init__(self, texts, device_token):
        self.device_token = device_token
        self.ids = defaultdict(lambda: deque(maxlen=REMEMBERED))
        self.tokens = defaultdict(lambda: deque([({}, "")], maxlen=REMEMBERED))
        self.turn = itertools.count(1)
        self.keys = itertools.count(1)
        self.remember(texts)

    def every(self, share):
        return next(self.turn) % share == 0

    def remember(self, content):
        if isinstance(content, dict):
            content = list(content.values())
        if isinstance(content, list):
            for each in content:
                self.remember(each)
        found = PUBLIC_ID.fullmatch(content) if isinstance(content, str) else None
        if found and content not in self.ids[found.group(1)]:
            self.ids[found.group(1)].append(content)

    def placed(self, content, name=""):
        if isinstance(content, dict):
            return {member: self.placed(each, member) for member, each in content.items()}
        if isinstance(content, list):
            return [self.placed(each, name) for each in content]
        choices = self.choices_for(content, name) if isinstance(content, str) else None
        return self.one_of(choices) if choices and self.every(KNOWN_TEXT_EVERY) else content

    def choices_for(self, text, name):
        found = PUBLIC_ID.fullmatch(text)
        if found:
            return self.ids[found.group(1)]
        if name == "token" and text.startswith("v4.public."):
            return [self.device_token]
        return [REGION] if name == "region" and REGION_CODE.fullmatch(text) else None

    def one_of(self, choices):
        return choices[next(self.turn) % len(choices)]

    def asked(self, label, query):
        changed = self.placed(dict(query or {}))
        if PAGE_TOKEN.fullmatch(str(changed.get("page_token", "!"))):
            filters, token = self.one_of(self.tokens[label])
            changed = {**(filters if token else changed), "page_token": token}
        return changed

    def headed(self, headers):
        changed = dict(headers or {})
        key = changed.get("Idempotency-Key")
        if isinstance(key, str) and IDEMPOTENCY_KEY.fullmatch(key):
            del changed["Idempotency-Key"]
            if self.every(KEY_EVERY):
                changed["Idempotency-Key"] = f"{key}-{next(self.keys)}"
        tags = changed.get("If-Match")
        if isinstance(tags, str) and ENTITY_TAGS.fullmatch(tags) and self.every(ANY_TAG_EVERY):
            changed["If-Match"] = "*"
        return changed

    def learn(self, label, query, response):
        if response.status_code not in (200, 201) or response.headers.get("content-type") != ["application/json"]:
            return
        content = response.json()
        if label.startswith("POST ") and response.status_code == 201 or label in LISTS_OF_WHAT_NO_CALL_MAKES:
            self.remember(content)
        is_of_one_path = "{" not in label
        if is_of_one_path and isinstance(content, dict) and content.get("next_page_token"):
            self.tokens[label].append((dict(query or {}), content["next_page_token"]))
