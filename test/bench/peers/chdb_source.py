"""Where chDB reads from: a glob of files, or `s3://BUCKET/GLOB` with the access that the environment says."""

import os


def source_of(location, file_format, columns):
    if not location.startswith("s3://"):
        return f"file({quote(location)}, '{file_format}', {quote(columns)})"
    url = f"{os.environ['AWS_ENDPOINT_URL']}/{location.removeprefix('s3://')}"
    key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    return f"s3({quote(url)}, {quote(key)}, {quote(secret)}, '{file_format}', {quote(columns)})"


def quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
