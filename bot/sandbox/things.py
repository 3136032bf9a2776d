"""What people and their things sound like."""

import numpy as np

from bot.sandbox.acoustics import (
    RATE,
    Stage,
    Wave,
    beats,
    burst,
    fading,
    filtered,
    gliding,
    harmonics,
    noise,
    panned,
    partials,
    put,
    slow,
    strew,
)

_BELL = ((0.5, 0.5, 6.0), (1, 1.0, 4.0), (1.19, 0.6, 3.0), (1.5, 0.4, 2.4), (2, 0.7, 2.2))
_BELL_TOP = (
    (2.51, 0.35, 1.4),
    (2.66, 0.3, 1.2),
    (3.01, 0.25, 0.9),
    (4.17, 0.2, 0.6),
    (5.4, 0.12, 0.4),
)
_VOWELS = (
    ((730, 90, 1.0), (1090, 110, 0.6), (2440, 170, 0.25)),
    ((270, 60, 1.0), (2290, 140, 0.35), (3010, 200, 0.2)),
    ((300, 60, 1.0), (870, 100, 0.4), (2240, 160, 0.1)),
    ((530, 80, 1.0), (1840, 130, 0.45), (2480, 170, 0.25)),
    ((570, 80, 1.0), (840, 100, 0.7), (2410, 160, 0.15)),
)


def bells(stage: Stage) -> Wave:
    """Bronze: partials that do not fit, beating slowly; small ones when they chime."""
    small = stage.says("chime", "chimes", "jingle", "small", "tiny", "sleigh", "glass", "wine")
    base, gap = (
        (stage.rng.uniform(900, 1300), 0.45) if small else (stage.rng.uniform(190, 300), 1.9)
    )
    wave = stage.silence()
    steps = (1, 9 / 8, 5 / 4, 3 / 2, 5 / 3)
    for at in beats(stage, gap, wobble=0.22 if small else 0.04):
        pitch = base * stage.rng.choice(steps if small else steps[:4:2])
        put(wave, _toll(stage, pitch, 2.0 if small else 6.0), at, position=stage.rng.normal(0, 0.3))
    return wave


def _toll(stage: Stage, pitch: float, seconds: float) -> Wave:
    """Strike a bell once."""
    tones = [
        (pitch * ratio * beat, gain / 2, decay * seconds / 6)
        for ratio, gain, decay in (*_BELL, *_BELL_TOP)
        for beat in (1, 1 + 0.9 / pitch)
    ]
    wave = partials(seconds, tones)
    clap = burst(stage, 0.03, 1500, 7000)
    wave[: len(clap)] += 0.5 * clap
    return wave


def engine(stage: Stage) -> Wave:
    """Run a motor: harmonics of the firing, a wobbling speed, exhaust noise in its beat."""
    quick = stage.says("race", "racing", "fast", "motorcycle", "motorbike", "chainsaw", "drone")
    speed = (stage.rng.uniform(85, 120) if quick else stage.rng.uniform(32, 48)) * (
        1 + 0.12 * (slow(stage, 0.5) - 0.5) + 0.02 * slow(stage, 7)
    )
    phase = gliding(speed)
    tones = sum(
        stage.rng.uniform(0.5, 1) / k**0.8 * np.sin(k * phase / 2 + stage.rng.uniform(0, 6))
        for k in range(1, 26)
    )
    firing = 0.5 + 0.5 * np.sin(phase) ** 3
    exhaust = noise(stage, 90, 1400, tilt=0.6) * firing
    body = filtered(tones, [(110, 80, 1.0), (320, 160, 0.7), (900, 400, 0.3)])
    return panned(body, 0.0) + 0.5 * exhaust


def helicopter(stage: Stage) -> Wave:
    """Blades that chop the air, over a turbine."""
    beat = gliding(11 + 0.4 * slow(stage, 0.5))
    chop = np.clip(np.sin(beat), 0, 1) ** 6
    turbine = np.sin(gliding(2300 + 30 * slow(stage, 1)))
    return noise(stage, 60, 900, tilt=0.5) * (0.15 + chop) + 0.05 * panned(turbine, 0)


def train(stage: Stage) -> Wave:
    """Wheels over joints, two and two, with the roll of the carriages."""
    wave = noise(stage, 60, 500, tilt=0.7) * 0.6 * (0.7 + 0.3 * slow(stage, 2))
    for at in beats(stage, 1.15, wobble=0.01):
        for delay in (0, 0.13, 0.42, 0.55):
            clack = partials(0.12, [(160, 1, 0.03), (1300, 0.35, 0.012), (2900, 0.2, 0.008)])
            put(wave, clack, at + delay, gain=3.2 - 2 * delay, position=0.4 - delay)
    if stage.says("steam", "whistle", "old"):
        put(wave, _whistle(stage), 0.25 * stage.seconds, gain=0.6)
    return wave


def _whistle(stage: Stage) -> Wave:
    part = np.linspace(0, 1, int(1.8 * RATE))
    chord = sum(np.sin(2 * np.pi * pitch * part * 1.8) for pitch in (622, 740, 932, 1244))
    steam: Wave = chord + noise(Stage(stage.rng, len(part)), 800, 4000)[0]
    return steam * np.sin(np.pi * part) ** 0.4


def steps(stage: Stage) -> Wave:
    """Heel, then sole, left and right; gravel, snow and leaves crunch, wood booms."""
    loose = stage.says("gravel", "snow", "leaves", "sand", "forest", "grass")
    gap = 0.33 if stage.says("running", "run", "fast", "hurried") else 0.56
    boom = 95 if stage.says("wood", "wooden", "stairs", "floor", "attic") else 70
    wave = stage.silence()
    for number, at in enumerate(beats(stage, gap, wobble=0.04)):
        side = 0.25 if number % 2 else -0.25
        heel = partials(0.12, [(boom, 1.0, 0.03), (boom * 2.6, 0.5, 0.015)], attack=0.001)
        put(wave, heel, at, gain=1.5, position=side)
        put(wave, burst(stage, 0.03, 900, 4200, sharpness=7), at, gain=0.9, position=side)
        sole = burst(stage, 0.16 if loose else 0.07, 600, 7500 if loose else 3000, sharpness=4)
        put(wave, sole, at + 0.09, gain=0.9 if loose else 0.35, position=side)
    return wave


def crowd(stage: Stage) -> Wave:
    """Many voices at once: each glides in pitch and wanders through the vowels."""
    wave = stage.silence()
    count = 3 if stage.says("voice", "man", "woman", "whisper") else 11
    sources = [(_glottis(stage), stage.rng.uniform(-0.8, 0.8)) for _ in range(count)]
    for vowel in _VOWELS:
        mouth = stage.silence()
        for voice, place in sources:
            mouth += panned(voice * slow(stage, 5.5) ** 3, place)
        wave += filtered(mouth, vowel)
    return wave + noise(stage, 200, 1500, tilt=0.5) * 0.03 * float(np.abs(wave).max())


def _glottis(stage: Stage) -> Wave:
    """Buzz as vocal cords do, in syllables and with pauses."""
    pitch = stage.rng.uniform(95, 230) * (1 + 0.25 * (slow(stage, 2.2) - 0.5))
    phase = gliding(pitch) % (2 * np.pi)
    syllables = slow(stage, 7) ** 1.2 * np.clip(slow(stage, 0.9) * 3 - 0.6, 0, 1)
    return (phase / np.pi - 1) * syllables


def applause(stage: Stage) -> Wave:
    """Hundreds of hands."""
    claps = [burst(stage, 0.025, low, low * 2.4, sharpness=7) for low in (700, 900, 1200, 1600)]
    return strew(stage, claps, 320, density=0.5 + 0.5 * slow(stage, 0.6))


def music(stage: Stage) -> Wave:
    """Four chords over and over: a soft pad, a plucked arpeggio and a slow tune."""
    minor = stage.says("sad", "dark", "melancholy", "minor", "lonely", "eerie", "night")
    base = 220 * 2 ** (stage.rng.integers(-5, 4) / 12)
    chords = _progression(stage, minor=minor)
    beat = 0.25 if stage.says("fast", "dance", "happy", "upbeat", "techno", "party") else 0.36
    wave = stage.silence()
    for number, at in enumerate(np.arange(0, stage.seconds, beat * 8)):
        chord = chords[number % 4]
        _pad_chord(stage, wave, base, chord, at=at, seconds=beat * 8)
        _arpeggio(stage, wave, base, chord, at=at, beat=beat)
    return wave + _drumming(stage, beat) if stage.says("dance", "techno", "party", "beat") else wave


def _progression(stage: Stage, *, minor: bool) -> list[tuple[int, ...]]:
    """Choose four chords, in semitones above the base."""
    if minor:
        rounds = ([0, 8, 3, 10], [0, 5, 8, 7], [0, 3, 10, 5])
        thirds = {0: 3, 5: 3, 7: 3, 8: 4, 3: 4, 10: 4}
    else:
        rounds = ([0, 7, 9, 5], [0, 9, 5, 7], [0, 5, 9, 7])
        thirds = {0: 4, 5: 4, 7: 4, 9: 3}
    roots = rounds[stage.rng.integers(len(rounds))]
    return [(root, root + thirds[root], root + 7) for root in roots]


def _pad_chord(
    stage: Stage, wave: Wave, base: float, chord: tuple[int, ...], *, at: float, seconds: float
) -> None:
    part = np.linspace(0, 1, int(seconds * 1.15 * RATE))
    time = part * seconds * 1.15
    swell = np.sin(np.pi * part) ** 0.6
    for step in chord:
        for detune, place in ((0.998, -0.6), (1.002, 0.6)):
            phase = 2 * np.pi * base / 2 * 2 ** (step / 12) * detune * time + stage.rng.uniform(
                0, 6
            )
            tone = np.sin(phase) + 0.35 * np.sin(2 * phase) + 0.12 * np.sin(3 * phase)
            put(wave, tone * swell, at, gain=0.11, position=place)


def _arpeggio(
    stage: Stage, wave: Wave, base: float, chord: tuple[int, ...], *, at: float, beat: float
) -> None:
    order = [0, 1, 2, 3, 2, 1, 2, 3]
    notes = [*chord, chord[0] + 12]
    for number, which in enumerate(order):
        pitch = base * 2 ** (notes[which] / 12)
        gain = 0.5 if number % 4 == 0 else stage.rng.uniform(0.2, 0.38)
        put(wave, _pluck(pitch), at + number * beat, gain=gain, position=(which - 1.5) / 3)
        if number in (0, 3, 6) and stage.happens(0.6):
            tune = base * 2 ** ((stage.rng.choice(notes) + 12) / 12)
            put(wave, _pluck(tune), at + number * beat, gain=0.3, position=0.1)


def _pluck(pitch: float) -> Wave:
    tones = [(pitch * k, 1 / k**1.5, 0.9 / k**0.7) for k in range(1, 7)]
    return partials(1.6, tones, attack=0.004)


def drums(stage: Stage) -> Wave:
    """Beat a kick, a snare and a hi-hat in four."""
    return _drumming(stage, 0.26)


def _drumming(stage: Stage, beat: float) -> Wave:
    wave = stage.silence()
    part = np.linspace(0, 1, int(0.25 * RATE))
    kick = np.sin(gliding(48 + 110 * np.exp(-part * 14))) * np.exp(-5 * part)
    for number, at in enumerate(np.arange(0.05, stage.seconds, beat)):
        if number % 8 in (0, 4, 6):
            put(wave, kick, at, gain=1.4)
        if (number + 2) % 4 == 0:
            put(wave, burst(stage, 0.16, 700, 7000), at, gain=0.8)
        put(wave, burst(stage, 0.04, 7000, 14000), at, gain=0.3, position=0.3)
    return wave


def heartbeat(stage: Stage) -> Wave:
    """Lub, dub, and a pause."""
    wave = stage.silence()
    gap = 0.6 if stage.says("fast", "racing", "scared") else 0.95
    for at in beats(stage, gap, wobble=0.015):
        lub = partials(0.22, [(48, 1, 0.06), (75, 0.6, 0.04), (120, 0.15, 0.02)], attack=0.012)
        dub = partials(0.18, [(62, 1, 0.045), (98, 0.5, 0.03)], attack=0.01)
        put(wave, lub, at)
        put(wave, dub, at + 0.3 * gap / 0.95, gain=0.7)
    return wave


def clock(stage: Stage) -> Wave:
    """Tick and tock of an escapement in a wooden case."""
    wave = stage.silence()
    for number, at in enumerate(beats(stage, 0.5, wobble=0.003)):
        pitch = 2300 if number % 2 else 1850
        tones = [(pitch, 1, 0.006), (pitch * 2.3, 0.6, 0.004), (420, 0.5, 0.015)]
        put(wave, partials(0.08, tones, attack=0.0004), at, position=0.1)
        put(wave, burst(stage, 0.008, 3000, 9000), at, gain=0.5, position=0.1)
    return wave


def door(stage: Stage) -> Wave:
    """Knock three times; or, when nobody knocks, creak and fall shut."""
    wave = stage.silence()
    knocking = stage.says("knock", "knocking", "knocks", "tap", "tapping")
    for at in beats(stage, 3.2, wobble=0.05, first=0.15):
        if knocking:
            for number in range(3):
                put(wave, _thud(stage, 0.12, 170), at + 0.24 * number, gain=1 - 0.1 * number)
        else:
            put(wave, _creak(stage), at, gain=0.5)
            put(wave, _thud(stage, 0.5, 75), at + 1.35, gain=1.6)
    return wave


def _thud(stage: Stage, seconds: float, pitch: float) -> Wave:
    tones = [(pitch * ratio, 1 / ratio, seconds / 5 / ratio) for ratio in (1, 1.6, 2.4, 3.7)]
    wave = partials(seconds, tones, attack=0.001)
    knock = burst(stage, seconds / 4, 300, 2500, sharpness=7)
    wave[: len(knock)] += 0.7 * knock
    return wave


def _creak(stage: Stage) -> Wave:
    """Stick and slip: pulses whose rate climbs, through the resonances of the hinge."""
    piece = Stage(stage.rng, int(1.25 * RATE))
    part = np.linspace(0, 1, piece.length)
    phase = gliding(38 + 90 * np.sin(np.pi * part) * (0.6 + 0.4 * slow(piece, 6)))
    pulses = np.clip(np.cos(phase), 0.9, 1) - 0.9
    rung = filtered(
        pulses * 30, [(640, 50, 1), (1150, 70, 0.9), (2100, 120, 0.6), (3300, 200, 0.3)]
    )
    return rung / max(float(np.abs(rung).max()), 1e-6) * np.sin(np.pi * part) ** 0.5


def siren(stage: Stage) -> Wave:
    """Wail up and down, or sound two tones in turn."""
    turn = np.sin(2 * np.pi * 0.45 * stage.time)
    pitch = 900 + 420 * turn
    if stage.says("police", "ambulance"):
        pitch = np.where(np.sin(2 * np.pi * 0.9 * stage.time) > 0, 585.0, 440.0)
    phase = gliding(pitch)
    tone = harmonics(phase, 5)
    return panned(tone, 0.5 * np.sin(2 * np.pi * 0.08 * stage.time))


def horn(stage: Stage) -> Wave:
    """Blow a fog horn, long and low, over the water."""
    wave = stage.silence()
    for at in beats(stage, 7.0, wobble=0.02, first=0.4):
        part = np.linspace(0, 1, int(2.6 * RATE))
        phase = gliding(87 + 4 * np.exp(-part * 30))
        tone = harmonics(phase, 11, fall=0.9)
        put(wave, tone * np.clip(np.minimum(part * 12, (1 - part) * 5), 0, 1), at, gain=0.5)
    return wave


def laser(stage: Stage) -> Wave:
    """Falling zaps, left and right."""
    wave = stage.silence()
    for at in beats(stage, 0.55, wobble=0.3):
        part = np.linspace(0, 1, int(stage.rng.uniform(0.18, 0.4) * RATE))
        top = stage.rng.uniform(2500, 5500)
        phase = gliding(110 + top * np.exp(-part * 6))
        zap = np.sin(phase + 1.5 * np.sin(phase * 0.5)) * np.exp(-3.2 * part) * (1 - part)
        put(wave, zap, at, position=stage.rng.uniform(-0.8, 0.8))
    return wave


def robot(stage: Stage) -> Wave:
    """Beeps of a talkative machine."""
    wave = stage.silence()
    for at in beats(stage, 0.14, wobble=0.2):
        if stage.happens(0.7):
            part = np.linspace(0, 1, int(stage.rng.uniform(0.04, 0.12) * RATE))
            pitch = 500 * 2 ** (stage.rng.integers(0, 30) / 12)
            phase = gliding(pitch * (1 + stage.rng.choice([0, 0, 0.4, -0.3]) * part))
            put(wave, np.sin(phase + 0.8 * np.sin(2 * phase)) * np.sin(np.pi * part) ** 0.3, at)
    return wave


def explosion(stage: Stage) -> Wave:
    """Blast, boom and let pieces fall."""
    wave = stage.silence()
    for at in beats(stage, max(4.0, stage.seconds / 2), wobble=0.05, first=0.2):
        put(wave, burst(stage, 3.0, 30, 160, sharpness=5), at, gain=1.8)
        put(wave, burst(stage, 1.2, 100, 2500, sharpness=7), at, gain=1.4)
        put(wave, burst(stage, 2.2, 800, 5000, sharpness=4), at + 0.15, gain=0.15)
    return wave


def keyboard(stage: Stage) -> Wave:
    """Keys, in runs, with a thumb on the space bar now and then."""
    wave = stage.silence()
    for at in beats(stage, 0.14, wobble=0.3):
        if stage.happens(0.8):
            key = stage.rng.uniform(1400, 2600)
            put(wave, partials(0.05, [(key, 0.6, 0.006), (240, 0.8, 0.01)], attack=0.0004), at)
            put(
                wave,
                burst(stage, 0.012, 2000, 8000),
                at,
                gain=0.7,
                position=stage.rng.normal(0, 0.3),
            )
    return wave


def drone(stage: Stage) -> Wave:
    """Make a texture for words that nobody taught it: a chord, a breath and a grain of its own."""
    base = 55 * 2 ** (stage.rng.integers(0, 19) / 12)
    ratios = stage.rng.choice([1, 1.5, 2, 2.25, 2.5, 3, 4, 4.5, 5, 6], 6, replace=False)
    wave = stage.silence()
    for ratio in ratios:
        phase = gliding(base * ratio * (1 + 0.003 * slow(stage, 0.7)))
        edge = stage.rng.uniform(0, 0.6)
        tone = np.sin(phase + edge * np.sin(phase)) * (0.15 + slow(stage, 0.5))
        wave += panned(tone / ratio**0.5, stage.rng.uniform(-0.9, 0.9))
    centre = stage.rng.uniform(300, 3500)
    breath = noise(stage, centre * 0.7, centre * 1.5) * slow(stage, stage.rng.uniform(0.4, 3)) ** 2
    grain = _grain(stage, base * stage.rng.choice([8, 12, 16]))
    return wave + breath * stage.rng.uniform(0.2, 0.8) + strew(stage, [grain], 4) * 0.8


def _grain(stage: Stage, pitch: float) -> Wave:
    seconds = stage.rng.uniform(0.08, 0.5)
    envelope = fading(seconds, attack=0.01)
    return np.sin(2 * np.pi * pitch * np.arange(len(envelope)) / RATE) * envelope
