"""An object that grows: in parts of a multipart upload, and in a tail that is smaller than a part.

It appears as a whole when it is complete, with a name of its run at it, so that finishing twice is finishing once. An
object that never fills a part is put in one request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lanecrypt.aws._errors import ObjectFailed, code_of, status_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOST_PARTS = 10_000
RUN, SIGNATURE = "lanecrypt-run", "lanecrypt-signature"


class Growing:
    """``tail`` is the caller's to append to; everything else is for one thread at a time."""

    def __init__(self, s3: S3Client, bucket: str, key: str, content_type: str, metadata: dict[str, str]) -> None:
        self._s3, self._type, self._metadata = s3, content_type, metadata
        self._place: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self.key = key
        self.upload_id: str | None = None
        self.parts: list[tuple[int, str]] = []
        self.tail = bytearray()

    def go_on(self, saved: dict[str, Any], tail: bytes) -> None:
        self.upload_id = saved["upload_id"]
        self.parts = [(number, etag) for number, etag in saved["parts"]]
        self.tail = bytearray(tail)

    def saved(self) -> dict[str, Any]:
        return {"upload_id": self.upload_id, "parts": self.parts}

    def taken(self, part_bytes: int) -> bytes | bytearray:
        """The tail as it is: a copy of it, or where it is a whole part itself, and it begins anew."""
        if len(self.tail) < part_bytes:
            return bytes(self.tail)
        full, self.tail = self.tail, bytearray()
        return full

    def put_part(self, number: int, data: bytes | bytearray) -> None:
        """Uploads a part. The number must be one that nobody has used: a part that comes late replaces none of ours."""
        if number > MOST_PARTS:
            raise ObjectFailed("too_large", f"the output has over {MOST_PARTS} parts: raise LANECRYPT_PART_MIB")
        if self.upload_id is None:
            answer = self._s3.create_multipart_upload(**self._place, ContentType=self._type, Metadata=self._metadata)
            self.upload_id = answer["UploadId"]
        body: Any = data  # a bytearray is as good to botocore, and a copy less
        try:
            part = self._s3.upload_part(**self._place, UploadId=self.upload_id, PartNumber=number, Body=body)
        except Exception as error:
            raise _or_gone(error) from None
        self.parts.append((number, part["ETag"]))

    def finish(self, number: int, tail: bytes) -> None:
        """Makes the object appear. With a number for a last part, if there are others."""
        if self.upload_id is None:
            self._s3.put_object(**self._place, Body=tail, ContentType=self._type, Metadata=self._metadata)
            return
        if self.is_there():
            return
        try:
            if tail:
                self.put_part(number, tail)
            self._complete(self.upload_id)
        except ObjectFailed:
            if not self.is_there():  # it was complete, and the answer that said so was lost
                raise

    def _complete(self, upload_id: str) -> None:
        parts: Any = [{"PartNumber": number, "ETag": etag} for number, etag in self.parts]
        try:
            self._s3.complete_multipart_upload(**self._place, UploadId=upload_id, MultipartUpload={"Parts": parts})
        except Exception as error:
            raise _or_gone(error) from None

    def is_there(self) -> bool:
        """Whether the object is this run's already."""
        return self.metadata().get(RUN) == self._metadata[RUN]

    def metadata(self) -> dict[str, str]:
        try:
            return self._s3.head_object(**self._place)["Metadata"]
        except Exception as error:
            if status_of(error) == 404:
                return {}
            if status_of(error) == 403:
                raise ObjectFailed(
                    "forbidden", "the output may not be looked at: s3:GetObject, s3:ListBucket"
                ) from None
            raise

    def remove(self) -> None:
        """Of an earlier content's run: what it was about is there no more."""
        self._s3.delete_object(**self._place)

    def give_up(self) -> None:
        """Frees the parts. That there are none any more is as good."""
        if self.upload_id is not None:
            try:
                self._s3.abort_multipart_upload(**self._place, UploadId=self.upload_id)
            except Exception as error:
                if code_of(error) != "NoSuchUpload":
                    raise


def _or_gone(error: Exception) -> Exception:
    if code_of(error) != "NoSuchUpload":
        return error
    return ObjectFailed("upload_gone", "the multipart upload was ended by somebody else; the next try begins anew")
