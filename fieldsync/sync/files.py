"""What both sides know of sending files: the tus version, the largest file, the checksums."""

# A photo of a good camera or a quarter of an hour of speech.
FILE_BYTES_MAX = 20 << 20
TUS_VERSION = "1.0.0"
TUS_HEADER = "Tus-Resumable"
CHUNK_TYPE = "application/offset+octet-stream"
# sha1 is what tuspy sends; ours send sha256. Either guards a chunk, the file's own name guards the whole.
CHECKSUMS = ("sha256", "sha1")
