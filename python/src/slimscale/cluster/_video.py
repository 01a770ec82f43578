"""Videos as segments: planned by their packets, cut without decoding, and joined without encoding again."""

from __future__ import annotations

import io
import os
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

import slimscale

from .. import _core
from .._video import Colors, colors_of, frame_for, set_colors

from ._work import Encoding, Segment, carrier, tag

if TYPE_CHECKING:
    import av

Y4M = ".y4m"
ENDINGS = frozenset(
    ".3gp .avi .flv .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .ts .vob .webm .wmv".split()  # and .y4m
) | {Y4M}
# Containers that keep time stamps and color descriptions, by FFmpeg's names, and what is written for the others.
_FORMATS = {
    ".m2ts": "mpegts", ".m4v": "mp4", ".mkv": "matroska", ".mov": "mov", ".mp4": "mp4", ".mts": "mpegts", ".ts": "mpegts",
    ".webm": "webm",
}  # fmt: skip
_OTHERWISE = ".mkv"

# Encoders by the input's codec; H.264 for the others. Defaults are close to lossless for the eye; FFmpeg's own are not.
_ENCODERS = {
    "h264": "libx264", "hevc": "libx265", "vp8": "libvpx-vp9", "vp9": "libvpx-vp9", "av1": "libsvtav1", "ffv1": "ffv1",
}  # fmt: skip
_OPTIONS = {
    "libx264": {"crf": "17"},
    "libx265": {"crf": "18", "x265-params": "log-level=error"},
    "libvpx-vp9": {"crf": "20", "b": "0", "row-mt": "1"},
    "libsvtav1": {"crf": "20"},
}
# Codecs whose packets may hold no picture of their own.
_HIDDEN = frozenset({"vp8", "vp9", "av1"})
# A piece of y4m holds at most this much.
_Y4M_BYTES = 1 << 26


def output_name(path: Path, codec: str) -> str:
    """The name of the result of a video: its own, but for containers that lose time stamps or do not take the encoder's
    codec."""
    ending = path.suffix.lower()
    if ending == Y4M or (ending in _FORMATS and (not codec or _takes(ending, codec))):
        return path.name
    return path.stem + _OTHERWISE


def _takes(ending: str, codec: str) -> bool:
    try:
        import av

        with av.open(io.BytesIO(), "w", format=_FORMATS[ending]) as container:
            return av.Codec(codec, "w").canonical_name in container.supported_codecs
    except (ImportError, ValueError):  # told for each video later
        return True


@dataclass(frozen=True)
class _Packet:
    time: int
    key: bool
    shown: bool
    duration: int


@dataclass(frozen=True)
class Range:
    """A segment: packets [first, last], of which the frames at `times` are shown."""

    first: int
    last: int
    times: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """How a video is cut."""

    path: Path
    stream: int
    size: tuple[int, int]
    complete: bool
    encoding: Encoding
    ranges: tuple[Range, ...]
    durations: dict[int, int]
    """Of frames by their time stamps."""
    matrix: tuple[int, ...] | None
    """Nine numbers that say how a player turns the frames."""
    colors: Colors
    """Of the result."""
    notes: tuple[str, ...]


def decoding_times(times: list[int]) -> list[int]:
    """When packets are decoded whose frames are shown at `times`: ascending, and never after they are shown."""
    ordered = sorted(times)
    rank = {time: position for position, time in enumerate(ordered)}
    delay = max((position - rank[time] for position, time in enumerate(times)), default=0)
    # The first ones as far apart as the first frames: containers take the whole for the duration.
    early = [ordered[0] + ordered[i] - ordered[delay] for i in range(delay)]
    return early + ordered[: len(ordered) - delay]


def _open(path: Path) -> av.container.InputContainer:
    import av

    try:
        return av.open(str(path), metadata_errors="replace")
    except av.FFmpegError as error:
        raise slimscale.Error(f"it is no video that FFmpeg reads ({error.strerror})") from error


def plan(path: Path, frames: int, codec: str, options: dict[str, str]) -> Plan:
    """Reads a video's packets and its first frame, and cuts it into segments of about `frames` frames."""
    import av

    with _open(path) as container:
        videos = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        if not videos:
            raise slimscale.Error("it has no video")
        video = videos[0]
        packets = _packets(container, video)
        notes = [f"{len(videos) - 1} further video tracks are left out"] if len(videos) > 1 else []
        covers = len(container.streams.video) - len(videos)
        notes += ["its cover picture is left out"] if covers else []
        notes += ["its transparency is left out"] if any(map(_tells_alpha, video.metadata.items())) else []
        context = video.codec_context
        name = context.codec.canonical_name
        encoder = codec or _ENCODERS.get(name, "libx264")
        try:
            av.Codec(encoder, "w")
        except (ValueError, av.FFmpegError) as error:
            raise slimscale.Error(f"this FFmpeg has no encoder {encoder}") from error
        aspect = video.sample_aspect_ratio
        encoding = Encoding(
            codec=encoder,
            options=tuple(sorted({**_OPTIONS.get(encoder, {}), **options}.items())),
            time_base=Fraction(video.time_base or 0),
            rate=Fraction(video.average_rate or video.guessed_rate or 25),
            aspect=Fraction(aspect) if aspect else None,
            colors=colors_of(context),
        )
        stream, size = video.index, (video.width, video.height)
    matrix, colors, more = _first_frame(path, stream, encoding)
    return Plan(
        path, stream, size, name not in _HIDDEN, encoding, _ranges(packets, frames),
        {p.time: p.duration for p in packets}, matrix, colors, (*notes, *more),
    )  # fmt: skip


def _packets(container: av.container.InputContainer, video: av.VideoStream) -> list[_Packet]:
    import av

    packets: list[_Packet] = []
    try:
        for packet in container.demux(video):
            if packet.size == 0:
                continue  # the end
            if packet.pts is None:
                raise slimscale.Error("its frames have no time stamps; `ffmpeg -i IN -c copy OUT.mkv` may give it some")
            if packet.is_corrupt:
                raise slimscale.Error(f"it is damaged at {float(packet.pts * packet.time_base):.2f} s")
            packets.append(_Packet(packet.pts, packet.is_keyframe, not packet.is_discard, packet.duration or 0))
    except av.FFmpegError as error:
        raise slimscale.Error(f"it is damaged or cut off ({error.strerror})") from error
    if not any(packet.shown for packet in packets):
        raise slimscale.Error("it has no frames")
    if len({packet.time for packet in packets}) < len(packets):
        raise slimscale.Error("two of its frames have one time stamp; interlaced fields and broken files do: decode it with ffmpeg first")
    end = max(packet.time + packet.duration for packet in packets) * Fraction(video.time_base or 0)
    told = _told_duration(video)
    if told and end + 1 < told:
        raise slimscale.Error(f"it is cut off at {float(end):.1f} of {float(told):.1f} s; `ffmpeg -i IN -c copy OUT` makes a whole video of the rest")
    if not packets[0].key:
        raise slimscale.Error("it does not begin with a frame that can be decoded alone")
    return packets


def _told_duration(video: av.VideoStream) -> Fraction | None:
    """Seconds up to the track's end, as the container says."""
    if video.duration and video.time_base:
        return (video.duration + (video.start_time or 0)) * Fraction(video.time_base)
    match = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", video.metadata.get("DURATION", ""))  # Matroska's
    return int(match[1]) * 3600 + int(match[2]) * 60 + Fraction(match[3]) if match else None


def _first_frame(
    path: Path, stream: int, encoding: Encoding
) -> tuple[tuple[int, ...] | None, Colors, list[str]]:
    """How a player turns the frames, how the result's colors are coded, and what of the description is lost. Refuses
    frames that cannot be upscaled, before any work."""
    import av

    with _open(path) as container:
        try:
            frame: Any = next(container.decode(container.streams[stream]))
        except (av.FFmpegError, StopIteration) as error:
            raise slimscale.Error("its first frame cannot be decoded") from error
        if frame.interlaced_frame:
            raise slimscale.Error("it is interlaced; deinterlace it first, for example with ffmpeg -vf bwdif")
        notes: list[str] = []
        matrix: tuple[int, ...] | None = None
        for data in frame.side_data:
            kind = data.type.name
            if kind == "DISPLAYMATRIX":
                matrix = tuple(memoryview(bytes(data)).cast("i"))
            elif kind in ("MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL", "DYNAMIC_HDR_PLUS", "DOVI_METADATA"):
                notes.append(f"{kind.lower().replace('_', ' ')} is left out")
        tag(frame, encoding.colors)
        return matrix, colors_of(frame_for(frame, 1)), notes


def _ranges(packets: list[_Packet], frames: int) -> tuple[Range, ...]:
    """Cuts at keyframes where they come in time, and elsewhere within a group of pictures, whose first frames are then
    decoded more than once. That costs little: a network takes far longer than a decoder."""
    order = {packet.time: position for position, packet in enumerate(packets)}
    shown = sorted(packet.time for packet in packets if packet.shown)
    starts = {packet.time for packet in packets if packet.key}
    keys = deque(sorted(starts))
    latest: list[int] = []  # positions of the last two keyframes up to the segment's first frame
    ranges = []
    begin = 0
    while begin < len(shown):
        end = min(begin + frames, len(shown))
        if len(shown) - end < frames // 2:
            end = len(shown)  # rather one longer segment than a tiny one
        else:
            furthest = min(begin + frames + frames // 2, len(shown) - 1)
            key = next((i for i in range(furthest, begin + frames // 2, -1) if shown[i] in starts), None)
            end = end if key is None else key
        times = tuple(shown[begin:end])
        while keys and keys[0] <= times[0]:
            latest = sorted((*latest, order[keys.popleft()]))[-2:]
        # From one keyframe earlier on: pictures that refresh bit by bit are only then complete.
        first = latest[0] if latest else 0
        ranges.append(Range(first, max(order[time] for time in times), times))
        begin = end
    return tuple(ranges)


def segments(plan: Plan, wanted: set[int]) -> Iterator[tuple[int, Segment]]:
    """Cuts the segments of these numbers, in order, in one pass over the file."""
    import av

    with _open(plan.path) as container:
        video = container.streams[plan.stream]
        packets = (packet for packet in container.demux(video) if packet.size)
        held: deque[tuple[int, Any]] = deque()
        count = 0
        for number, part in enumerate(plan.ranges):
            if number not in wanted:
                continue
            while held and held[0][0] < part.first:
                held.popleft()
            while count <= part.last:
                packet = next(packets, None)
                if packet is None:
                    raise slimscale.Error("the file has changed or is cut off")
                if count >= part.first:
                    held.append((count, packet))
                count += 1
            chosen = [packet for position, packet in held if position <= part.last]
            if max(packet.pts for packet in chosen) < part.times[-1]:
                raise slimscale.Error("the file has changed")
            try:
                data, shift = _copied(video, chosen)
            except av.FFmpegError as error:
                raise slimscale.Error(f"its packets of {video.codec_context.codec.canonical_name} cannot be cut ({error.strerror})") from error
            yield number, Segment(data, shift, part.times, plan.complete, plan.size)


def _copied(video: Any, packets: list[Any]) -> tuple[bytes, int]:
    """A file of packets, and what was added to their time stamps so that none is negative."""
    import av

    decoding = decoding_times([packet.pts for packet in packets])
    shift = -decoding[0]
    file = io.BytesIO()
    with av.open(file, "w", format=carrier(video.codec_context.codec.canonical_name)) as sink:
        stream = sink.add_stream_from_template(video)
        stream.time_base = video.time_base
        for packet, time in zip(packets, decoding):
            copy = av.Packet(bytes(packet))
            copy.stream, copy.time_base = stream, video.time_base
            copy.pts, copy.dts, copy.duration = packet.pts + shift, time + shift, packet.duration
            copy.is_keyframe = packet.is_keyframe
            sink.mux(copy)
    return file.getvalue(), shift


def join(plan: Plan, parts: list[Path], target: Path, ending: str) -> list[str]:
    """Writes the video at `target`, in the container of that ending: the packets of all parts, and the other tracks of the
    input as they are. Returns sentences about tracks that the container has no place for."""
    import av

    times: list[list[int]] = []
    beginnings = set()
    for number, part in enumerate(parts):
        with av.open(str(part)) as container:
            stream = container.streams.video[0]
            beginnings.add(bytes(stream.codec_context.extradata or b""))
            times.append([_time(p, plan, number) for p in container.demux(stream) if p.size])
    if len(beginnings) > 1:
        raise slimscale.Error(f"{plan.encoding.codec} began the segments differently, so that they cannot be joined; choose another --codec")
    for cut, found in zip(plan.ranges, times):
        if not set(found) <= set(cut.times) or len(set(found)) < len(found):
            raise slimscale.Error(f"{plan.encoding.codec} changed the time stamps of frames; choose another --codec")
    decoding = decoding_times([time for part in times for time in part])
    kind = _FORMATS[ending]
    options = {"mpegts_copyts": "1"} if kind == "mpegts" else {}
    try:
        with _open(plan.path) as source, av.open(str(parts[0])) as first, av.open(
            str(target), "w", format=kind, options=options
        ) as sink:
            sink.metadata.update(source.metadata)
            video = sink.add_stream_from_template(first.streams.video[0])
            video.time_base = plan.encoding.time_base
            context = video.codec_context
            set_colors(context, plan.colors)
            if kind in ("mp4", "mov") and context.codec.canonical_name == "hevc":
                context.codec_tag = "hvc1"  # Apple's players take no other
            _describe(source.streams[plan.stream], video)
            if plan.matrix:
                video.set_display_matrix(plan.matrix)
            tracks, notes = _other_tracks(source, sink, ending)
            chapters = source.chapters()
            if chapters:
                sink.set_chapters(chapters)
            for _, packet in merge(
                _joined(parts, decoding, video, plan), _copied_tracks(source, tracks), key=lambda pair: pair[0]
            ):
                sink.mux(packet)
            return notes
    except (av.FFmpegError, ValueError) as error:
        raise slimscale.Error(f"{ending} cannot hold it: {getattr(error, 'strerror', None) or error}") from error


def _time(packet: Any, plan: Plan, part: int) -> int:
    encoding = plan.encoding
    return int(round(packet.pts * packet.time_base / encoding.time_base)) - encoding.lead + plan.ranges[part].times[0]


def _tells_alpha(entry: tuple[str, str]) -> bool:
    """Whether an entry of a track's metadata says that there is transparency, which VP8 and VP9 keep beside the packets and
    FFmpeg's own decoders leave out."""
    return entry[0].lower() == "alpha_mode" and entry[1] != "0"


def _describe(source: Any, sink: Any) -> None:
    sink.metadata.update(entry for entry in source.metadata.items() if not _tells_alpha(entry))
    sink.disposition = source.disposition


def _other_tracks(
    source: av.container.InputContainer, sink: av.container.OutputContainer, ending: str
) -> tuple[dict[int, Any], list[str]]:
    """Output streams by the input's numbers."""
    import av

    tracks: dict[int, Any] = {}
    notes = []
    stream: Any
    for stream in source.streams:
        if stream.type == "video":
            continue
        try:
            if stream.type == "attachment":
                sink.add_attachment(stream.name or "attachment", stream.mimetype or "", stream.data)
                continue
            if stream.type not in ("audio", "subtitle"):
                raise ValueError
            copy = sink.add_stream_from_template(stream)
        except (ValueError, AttributeError, av.FFmpegError):
            notes.append(f"its track {stream.index} ({stream.type}) has no place in {ending} and is left out")
            continue
        copy.time_base = stream.time_base
        _describe(stream, copy)
        tracks[stream.index] = copy
    return tracks, notes


def _joined(parts: list[Path], decoding: list[int], video: Any, plan: Plan) -> Iterator[tuple[float, Any]]:
    import av

    count = 0
    base = plan.encoding.time_base
    for number, part in enumerate(parts):
        with av.open(str(part)) as container:
            for packet in container.demux(video=0):
                if not packet.size:
                    continue
                time = _time(packet, plan, number)
                copy = av.Packet(bytes(packet))
                copy.stream, copy.time_base = video, base
                copy.pts, copy.dts = time, decoding[count]
                copy.duration = plan.durations.get(time, 0)
                copy.is_keyframe = packet.is_keyframe
                count += 1
                yield float(copy.dts * base), copy


def _copied_tracks(source: av.container.InputContainer, tracks: dict[int, Any]) -> Iterator[tuple[float, Any]]:
    if not tracks:
        return
    for packet in source.demux([source.streams[index] for index in tracks]):
        if packet.dts is None or not packet.size:
            continue
        time = float(packet.dts * packet.time_base)
        packet.stream = tracks[packet.stream_index]
        yield time, packet


# ---- y4m -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Y4mPlan:
    path: Path
    header: bytes
    """The stream's line, with its line feed."""
    result_header: bytes
    cuts: tuple[int, ...]
    """Where pieces begin in the file, and last its end."""


def plan_y4m(path: Path, frames: int, scale: int) -> Y4mPlan:
    """Walks over a y4m file's frames, whose pixels are not read."""
    try:
        frame_bytes, result = _core.describe_y4m(os.fspath(path), scale)
        with open(path, "rb") as stream:
            header = stream.readline(1 << 12)
            size = os.fstat(stream.fileno()).st_size
            per_piece = max(1, min(frames, _Y4M_BYTES // max(1, frame_bytes)))
            cuts, count, at = [], 0, len(header)
            while at < size:
                if count % per_piece == 0:
                    cuts.append(at)
                count += 1
                stream.seek(at)
                line = stream.readline(1 << 12)
                if not line.startswith(b"FRAME"):
                    raise slimscale.Error(f"it has no frame {count} where one should begin")
                at += len(line) + frame_bytes
            if at > size:
                raise slimscale.Error(f"it ends within frame {count}")
    except OSError as error:
        raise slimscale.Error(error.strerror or str(error)) from error
    return Y4mPlan(path, header, result.encode() + b"\n", (*cuts, size))


def pieces_y4m(plan: Y4mPlan, wanted: set[int]) -> Iterator[tuple[int, bytes]]:
    with open(plan.path, "rb") as stream:
        for number in sorted(wanted):
            begin, end = plan.cuts[number : number + 2]
            stream.seek(begin)
            data = stream.read(end - begin)
            if len(data) < end - begin:
                raise slimscale.Error("the file has changed or is cut off")
            yield number, plan.header + data


def join_y4m(plan: Y4mPlan, parts: list[Path], sink: _core.FileWriter) -> None:
    import shutil

    sink.write(plan.result_header)
    for part in parts:
        with open(part, "rb") as source:
            shutil.copyfileobj(source, sink, 1 << 20)
