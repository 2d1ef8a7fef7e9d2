"""The words of the page, and numbers put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uniremoval.checkpoint import Card
    from uniremoval.coarse_to_fine import Progress

TITLE = "uniremoval"
TAGLINE = "Haze, rain and blur out of your photos: specialist teachers and one student for all three, side by side."
UPLOAD = "Choose a photo"
UPLOAD_HINT = "or drop or paste it; several go to Batch"
UPLOAD_FORMATS = "{formats}, up to {megapixels:g} megapixels"
EXAMPLES = "Or try one of these"
STAGES = {
    "teacher": ("Teachers", "one specialist for each degradation"),
    "transfer": ("Student", "one network for all, taught by the teachers"),
    "adaptation": ("Adapted student", "best guess: all at once, tuned on real photos"),
    "other": ("Other networks", "of other projects, each as it was trained; slower"),
}
EMPTY = "Choose a photo or one of the examples to begin."
NO_CHECKPOINTS = (
    "No checkpoints were found: train some (see Training in the README), or start the app with "
    "--checkpoints and a folder that has some, then reload this page."
)
NO_PHOTO = "There is no photo yet: choose one, or click an example."
NONE_SELECTED = "No checkpoint is selected: tick at least one teacher or student."
UPLOADS_ONLY = "The photo must be an uploaded file: with gradio_client, pass handle_file(path)."
GONE = "The photo is no longer on the server: choose it again."
UNEXPECTED = (
    "This did not work: too many visitors are waiting, or the server failed and its log says why. Try again soon."
)
STARTING, WAITING, RESTORING = "Starting", "Waiting", "Restoring"
COMPARE, CANCELLED = "Compare", "Cancelled"
INPUT_TITLE, REFERENCE_TITLE = "Input", "Reference"
REFERENCE_FIELD = "Clean reference (optional)"
REFERENCE_HELP = "The same photo without haze, rain or blur: PSNR and SSIM then say how near each output comes to it."
REFERENCE_UPLOAD, REFERENCE_REMOVE = "Choose a reference", "Remove"
REFERENCE_SIZE = (
    "{name} has {it} pixels and the photo {photo}: a reference must be the same photo, of exactly the same size."
)
REFERENCE_OPENED = "Compared with {name}: PSNR and SSIM, higher is better. Difference shows the errors as a map."
REFERENCE_REMOVED = "The reference was removed."
NO_REFERENCE = "There is no reference to remove."
ADVANCED, ENSEMBLE = "Advanced", "Average over mirror images"
ENSEMBLE_HELP = "Each output becomes the mean over the photo and its three mirror images: takes four times as long."
EXTRAS, EXTRAS_HELP = "More scores", "MS-SSIM and FSIM need a clean reference"
COMPARING = "Comparing with the reference"
PACKING = "Preparing the download"
SAVED = "{name} is ready: your browser saves it."
NOTHING_TO_SAVE = "There is nothing to download yet: restore a photo first."
SCORING_VIEW = "Scoring the view"
SCORING, STRENGTH_SCORED = "Scoring", "The scores are those of the outputs at {percent} % strength."
VIEW_SCORED = "The part in view was scored at full resolution: {region}."
NO_VIEW = "There is nothing to score yet: restore a photo first."
VIEW_CHANGED = "The photo on this page has changed since: try again."
VIEW_TOO_LARGE = (
    "The view holds {given:.1f} megapixels, and at most {limit:g} are scored at full resolution: zoom in, then score "
    "it again."
)
NO_SUCH_REGION = "That is no part of the photo, which has {width} x {height} pixels: move the view, then try again."
SCORES_OF_PICTURE = "BRISQUE and PIQE of what is shown: lower is better. Made with uniremoval."
RESTORE_TAB, BATCH_TAB, CHECKPOINTS_TAB, ABOUT_TAB = "Restore", "Batch", "Checkpoints", "About"
BATCH_UPLOAD, BATCH_RUN = "Choose photos", "Restore all"
BATCH_HINT = "or drop them on this page; up to {limit}"
BATCH_PICKER, BATCH_PICKER_HELP = "Checkpoints", "each restores every photo"
BATCH_EMPTY = "Choose the photos of a batch to begin."
BATCH_TOO_MANY = "These are {given} photos, and a batch holds at most {limit}: choose fewer."
BATCH_UNDER_WAY = "A batch is under way: cancel it, or wait until it is done, before you choose other photos."
BATCH_CHOSEN = "{photos}. Choose the checkpoints, then press Restore all."
BATCH_FULL = "The batch has reached {limit:g} GB: save it as ZIP, then start another with the rest."
BATCH_OPENED = "{name}, as the batch restored it. Press Compare for other checkpoints."
BATCH_FORMAT, BATCH_STRENGTH = "Format", "Strength, %"
BATCH_BACK = "The batch, as it was before this page was loaded again."
AT_STRENGTH = "At {percent} % strength."
BATCH_REPORT = "Haze, rain and blur out of {photos}"
BATCH_REPORT_HELP = (
    "BRISQUE and PIQE measure how natural a photo looks, not how much haze, rain or blur is left in it: lower is more "
    "natural. A click on an output opens its file."
)
BATCH_ZIP = "uniremoval-batch.zip"
EARLIER = "Earlier in this visit"
READING = "Reading the photo"
RECALLING, RECALLED = "Bringing it back", "{name}, as it was restored before."
VISIT_BACK = "{name}, as it was before this page was loaded again."
VISIT_GONE = "What was on this page before is no longer on the server: choose the photo again."
RECORD_GONE = "This comparison is no longer kept: restore the photo again."
SOURCES = {"added": "added by you"}
ADD_HUB = "Add checkpoints from the Hugging Face Hub"
ADD_HUB_HELP = "a public model repository, at a branch, tag or commit if you like"
ADD_HUB_EXAMPLE = "owner/name or owner/name@revision"
ADD = "Add"
ADD_FILE, ADD_FILE_BUTTON = "Or from a file", "Choose a checkpoint"
ADD_FILE_HELP = "a .safetensors file of this project, or of a network that spandrel knows, up to {limit:g} MB"
ADDING, FETCHING = "Adding", "Fetching {name}"
REMOVE_ADDED = "Remove what you added"
ADDED_REMOVED = "What you added was removed from this page and from the server."
CURVES = "How the shipped checkpoints were trained"
CURVES_HELP = "Over training steps. Validation is on clear photos held out and degraded by us; higher is better."
LOSS, VALIDATION = "Training loss", "Validation PSNR, dB"
BENCHMARKS = "How good they are"
BENCHMARKS_HELP = "Zero-shot: none of these sets, nor the benchmarks' training sets, was trained on."
PLOTS = {
    "psnr": "Bar chart: PSNR in dB of the input and of every checkpoint's output on sets of pairs; higher is better",
    "ssim": "Bar chart: SSIM of the input and of every checkpoint's output on sets of pairs; higher is better",
    "brisque": "Bar chart: BRISQUE of the input and of every checkpoint's output on real photos; lower is better",
    "piqe": "Bar chart: PIQE of the input and of every checkpoint's output on real photos; lower is better",
}
UNUSABLE = "What cannot be used"
AS_TRAINED = "as {network} was trained"
NOT_MEASURED = "not measured yet"
SCORE_MEGAPIXELS = 1.0
CUE_HELP = (
    "Mean of the dark channel in percent (He et al. 2009): the more haze, the higher. It says nothing of rain or blur."
)
SCORES_HELP = (
    "BRISQUE and PIQE measure how natural a photo looks, not how much haze, rain or blur is left in it: lower is more "
    "natural, and a photo still full of haze can have the lowest. The haze cue beneath them is higher the more haze "
    "there is, and says nothing of rain or blur. Photos above {limit:g} megapixel are scaled down for "
    "them; Score this view takes the part in view at full resolution. Noise and over-sharpening fool them: trust your "
    "eyes first. The About tab says how they are computed."
)


def title_of(card: Card) -> str:
    """Title of a checkpoint's pane: "Teacher: haze", "Student", or with the name of one not shipped.

    Another project's network is called by its name, with its architecture where the name does not say it."""
    usual = {"transfer": "student", "adaptation": "student-adapted"}
    if card.stage == "teacher":
        title = f"Teacher: {', '.join(card.degradations)}"
        plain = len(card.degradations) == 1 and card.name == f"teacher-{card.degradations[0]}"
    elif card.stage == "other":
        return card.name if card.network.lower() in card.name.lower() else f"{card.name} ({card.network})"
    else:
        title = STAGES[card.stage][0]
        plain = card.name == usual[card.stage]
    return title if plain else f"{title} ({card.name})"


def choice_of(card: Card) -> str:
    """Label of a checkpoint in its stage's picker."""
    shipped = {f"teacher-{kind}": kind.capitalize() for kind in card.degradations}
    return (shipped | {"student": "Student", "student-adapted": "Adapted student"}).get(card.name, card.name)


def picker_order(card: Card) -> tuple[int, str]:
    """Sort key: by the first of the degradations, in the method's order, then by name."""
    if not card.degradations:
        return 0, card.name
    order = list(type(card.degradations[0]))
    return min(order.index(kind) for kind in card.degradations), card.name


def duration(seconds: float) -> str:
    """5.2 -> "5.2 s", 42.4 -> "42 s", 312 -> "5 min 12 s"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def part(place: str, strength: float) -> str:
    """The scored part: "64 x 48 pixels at (40, 8)", with the outputs' strength where it is less than full."""
    return place if strength == 1 else f"{place}, outputs at {round(100 * strength)} % strength"


def waiting(ahead: int) -> str:
    return f"Waiting: {count(ahead, 'visitor')} before you"


def progress(title: str, index: int, total: int, done: Progress, seconds_left: float | None) -> str:
    """One line: which checkpoint, which scale and tile, how long still."""
    words = [f"{title} ({index} of {total})"]
    if done.scales > 1:
        words.append(f"scale {done.scale} of {done.scales}")
    if done.tiles > 1:
        words.append(f"tile {min(done.tile + 1, done.tiles)} of {done.tiles}")
    if seconds_left is not None and seconds_left >= 1:
        words.append(f"about {duration(round(seconds_left))} left")
    return ", ".join(words)


def summary(name: str, done: int, total: int, seconds: float, stopped: bool) -> str:
    """name: the photo's."""
    if stopped:
        return f"Cancelled: {done} of {count(total, 'restoration')} finished."
    return f"{count(done, 'restoration')} of {name} and all scores in {duration(seconds)}."


def batch_progress(photo: int, photos: int, name: str, seconds_left: float | None) -> str:
    left = f", about {duration(round(seconds_left))} left" if seconds_left is not None and seconds_left >= 1 else ""
    return f"Photo {photo} of {photos}: {name}{left}"


def batch_summary(done: int, bad: int, seconds: float, stopped: bool) -> str:
    if stopped:
        return f"Cancelled: {count(done, 'restoration')} finished."
    refused = f" {count(bad, 'photo')} could not be restored: see the table." if bad else ""
    return f"{count(done, 'restoration')} in {duration(seconds)}.{refused}"


def added(names: list[str]) -> str:
    return f"Added: {', '.join(names)}. Pick it in Restore or Batch; only you can, until you leave this page."


def number(value: float, digits: int = 1) -> str:
    """With that many decimals and a true minus sign, which zero has not."""
    shown = f"{value:.{digits}f}"
    return (shown.lstrip("-") if float(shown) == 0 else shown).replace("-", "\N{MINUS SIGN}")
