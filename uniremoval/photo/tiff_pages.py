"""Which page of a TIFF file is the photo, and whether it is a camera's raw file with a preview."""

from __future__ import annotations

from PIL.TiffImagePlugin import TiffImageFile

_SUBFILE_TYPE, _SUB_DIRECTORIES, _DNG_VERSION, _CFA_PATTERN = 254, 330, 50706, 33422
_REDUCED = 1


def show_photo(image: TiffImageFile) -> bool:
    """Turn an opened file to its first page that is no thumbnail; False if it is a camera's raw file.

    Raw files have DNG's version or a colour filter pattern (TIFF/EP), or a first page that is a preview while the photo
    lies in a sub-directory, which Pillow does not read.
    """
    tags = image.tag_v2
    if _DNG_VERSION in tags or _CFA_PATTERN in tags:
        return False
    if not _is_reduced(image):
        return True
    if _SUB_DIRECTORIES in tags:
        return False
    for page in range(1, image.n_frames):
        image.seek(page)
        if not _is_reduced(image):
            return True
    image.seek(0)
    return True


def _is_reduced(image: TiffImageFile) -> bool:
    kind = image.tag_v2.get(_SUBFILE_TYPE, 0)
    return isinstance(kind, int) and bool(kind & _REDUCED)
