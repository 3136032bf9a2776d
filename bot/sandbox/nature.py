"""What the weather, the water and the animals sound like."""

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
    passed,
    put,
    slow,
    strew,
)


def wind(stage: Stage) -> Wave:
    """Gusts: the stronger they blow the brighter they are, with a whistle on top."""
    gust = 0.12 + 0.88 * slow(stage, 0.75) ** 1.3 * (0.7 + 0.3 * slow(stage, 2.3))
    wave = noise(stage, 50, 190, tilt=0.5) * (0.25 + gust) * 0.7
    for low, high, gain, power in ((170, 480, 1.0, 1.3), (420, 1100, 0.55, 2.0)):
        wave += noise(stage, low, high) * gain * gust**power
    wave += noise(stage, 900, 3400, tilt=0.6) * 0.4 * gust**2.6
    whistle = noise(stage, 540, 560, slope=40) * slow(stage, 0.6) ** 2
    return wave + 0.22 * whistle * gust**2


def leaves(stage: Stage) -> Wave:
    """Twigs and leaves that brush against each other when a gust passes."""
    gust = slow(stage, 0.5) ** 1.6
    flutter = 0.35 + 0.65 * slow(stage, 14) * slow(stage, 5)
    brush = noise(stage, 2200, 8200, tilt=0.4) * flutter * (0.08 + gust)
    ticks = [burst(stage, 0.02, low, low * 2.2) for low in (1800, 2600, 3600, 5000)]
    return brush + 0.9 * strew(stage, ticks, 90, density=gust)


def rain(stage: Stage) -> Wave:
    """Lay a bed of far drops and add near ones; on metal or glass the drops ring."""
    heavy = 1.8 if stage.says("heavy", "storm", "downpour", "pouring", "monsoon") else 1.0
    bed = noise(stage, 900, 9500, tilt=0.45) * (0.8 + 0.2 * slow(stage, 0.8))
    body = noise(stage, 250, 1200) * 0.25 * heavy
    rings = stage.says("tin", "metal", "roof", "car", "window", "umbrella", "tent")
    grains = [_ringing_drop(stage) if rings else _drop(stage) for _ in range(14)]
    near = strew(stage, grains, 130 * heavy)
    return bed * 0.55 * heavy + body + near * (1.3 if rings else 0.8)


def _drop(stage: Stage) -> Wave:
    pitch = stage.rng.uniform(1500, 6500)
    return burst(stage, 0.018, pitch * 0.7, pitch * 1.5, sharpness=7)


def _ringing_drop(stage: Stage) -> Wave:
    pitch = stage.rng.uniform(900, 2400)
    tones = [(pitch * ratio, 0.6 / ratio, 0.02 / ratio**0.5) for ratio in (1, 1.51, 2.33, 3.9)]
    wave = partials(0.09, tones, attack=0.0006)
    click = burst(stage, 0.006, 2500, 9000)
    wave[: len(click)] += click[: len(wave)] * 0.5
    return wave


def sea(stage: Stage) -> Wave:
    """Waves that swell, break with a hiss and run back over the sand."""
    since = np.arange(-4 * RATE, 12 * RATE) / RATE
    shapes = (
        np.exp(-((since / 1.5) ** 2)),
        np.exp(-np.maximum(since, 0) / 0.9) * _rise(since),
        np.exp(-np.maximum(since - 0.4, 0) / 2.4) * _rise(since - 0.4),
    )
    swell, crash, wash = (stage.silence() for _ in shapes)
    for at in beats(stage, 5.2, wobble=0.12, first=stage.rng.uniform(-2.0, 1.7)):
        size = stage.rng.uniform(0.85, 1.4)
        for target, shape in zip((swell, crash, wash), shapes, strict=True):
            put(target, shape, at - 4, gain=size)
    roar = noise(stage, 50, 420, tilt=0.6) * (0.12 + 0.6 * swell + crash)
    hiss = noise(stage, 1200, 8500, tilt=0.5) * (0.05 + wash)
    return roar * 0.9 + noise(stage, 300, 2200, tilt=0.3) * (0.08 + crash) * 0.8 + hiss * 0.5


def _rise(since: Wave) -> Wave:
    """Ease in over 0.35 s."""
    return np.square(np.clip(since / 0.35, 0, 1))


def river(stage: Stage) -> Wave:
    """Rush steadily, with many small bubbles."""
    bubbles = [_bubble(stage) for _ in range(24)]
    rush = noise(stage, 350, 2600, tilt=0.6) * (0.7 + 0.3 * slow(stage, 2.5))
    shimmer = noise(stage, 2600, 7000) * 0.12 * (0.5 + slow(stage, 6))
    return rush * 0.35 + shimmer + strew(stage, bubbles, 110) * 1.4


def _bubble(stage: Stage) -> Wave:
    """Sing upwards for a moment, as a bubble does when it closes."""
    pitch, seconds = stage.rng.uniform(380, 1700), stage.rng.uniform(0.02, 0.08)
    envelope = fading(seconds, attack=0.003, sharpness=4)
    rise = np.linspace(1, stage.rng.uniform(1.1, 1.7), len(envelope))
    return np.sin(gliding(pitch * rise)) * envelope


def drips(stage: Stage) -> Wave:
    """Single drops that fall into a pool."""
    wave = stage.silence()
    for at in beats(stage, 0.9, wobble=0.35):
        drop = partials(0.3, [(stage.rng.uniform(900, 1500), 1.0, 0.03)], attack=0.002)
        put(wave, drop + _padded(_bubble(stage), len(drop)), at, position=stage.rng.uniform(-1, 1))
    return wave


def _padded(wave: Wave, length: int) -> Wave:
    return np.pad(wave, (0, max(0, length - len(wave))))[:length]


def fire(stage: Stage) -> Wave:
    """Breathe low, hiss, and let wood crackle and pop."""
    breath = noise(stage, 40, 220, tilt=0.8) * (0.5 + 0.5 * slow(stage, 5))
    hiss = noise(stage, 1500, 6000, tilt=0.6) * 0.16 * (0.4 + 0.6 * slow(stage, 2))
    crackle = [burst(stage, 0.006, low, low * 2.5, sharpness=7) for low in (900, 1700, 2800, 4200)]
    pops = [burst(stage, 0.035, low, low * 4, sharpness=9) for low in (350, 600)]
    lively = 0.25 + 0.75 * slow(stage, 3) ** 2
    return (
        breath * 0.5
        + hiss
        + strew(stage, crackle, 70, density=lively) * 3.2
        + strew(stage, pops, 3.5) * 2.6
    )


def thunder(stage: Stage) -> Wave:
    """One crack or a few, each with a rumble that rolls on for seconds."""
    cracks, rolling = stage.silence(), stage.silence()
    far = stage.says("far", "distant", "away", "distance", "faint")
    since = np.arange(14 * RATE) / RATE
    shape = np.clip(since / (0.9 if far else 0.05), 0, 1) * np.exp(-since / (2.6 if far else 2.0))
    gap = min(max(5.5, stage.seconds / 3), 14.0)
    for at in beats(stage, gap, wobble=0.1, first=min(0.5, 0.1 * stage.seconds)):
        put(rolling, shape, at, gain=1.4)
        if not far:
            _crack(stage, cracks, at)
    roll = 0.35 + 0.65 * slow(stage, 2.2) ** 1.5
    rumble = noise(stage, 22, 95, tilt=0.7) + 0.35 * noise(stage, 80, 300, tilt=0.8)
    return cracks + rumble * roll * rolling


def _crack(stage: Stage, wave: Wave, at: float) -> None:
    """Tear the air: a handful of bright bursts within a third of a second."""
    for delay in np.sort(stage.rng.uniform(0, 0.35, 7)):
        clap = burst(stage, stage.rng.uniform(0.15, 0.7), 120, stage.rng.uniform(1500, 5000))
        put(
            wave, clap, at + delay, gain=1.6 * np.exp(-3 * delay), position=stage.rng.normal(0, 0.3)
        )


def birds(stage: Stage) -> Wave:
    """Let a few singers repeat a motif of their own each."""
    wave = stage.silence()
    for _ in range(4):
        base, place = stage.rng.uniform(2300, 5200), stage.rng.uniform(-0.9, 0.9)
        song = [_chirp(stage, base) for _ in range(stage.rng.integers(2, 6))]
        gain, pause = stage.rng.uniform(0.35, 1.0), stage.rng.uniform(1.3, 2.8)
        for at in beats(stage, pause, wobble=0.2, first=stage.rng.uniform(0.05, 0.9)):
            for note in song:
                put(wave, note, at, gain=gain, position=place)
                at += len(note) / RATE + 0.03  # noqa: PLW2901 - the next note of this motif
    return wave


def _chirp(stage: Stage, base: float) -> Wave:
    """Sweep once, with a trill now and then."""
    seconds = stage.rng.uniform(0.05, 0.2)
    part = np.linspace(0, 1, int(seconds * RATE))
    bend, end = stage.rng.uniform(-0.25, 0.35), stage.rng.uniform(-0.35, 0.35)
    trill = stage.rng.choice([0, 0, 0.05]) * np.sin(2 * np.pi * 38 * part * seconds)
    pitch = base * (1 + end * part + bend * np.sin(np.pi * part) + trill)
    phase = gliding(pitch)
    return (np.sin(phase) + 0.12 * np.sin(2 * phase)) * np.sin(np.pi * part) ** 0.7


def insects(stage: Stage) -> Wave:
    """Crickets: bright pulses in groups, each animal with its pitch and beat."""
    wave = stage.silence()
    for _ in range(5):
        pitch, rate = stage.rng.uniform(3900, 5300), stage.rng.uniform(26, 44)
        chirps = np.sin(2 * np.pi * (stage.time * stage.rng.uniform(0.9, 2.2) + stage.rng.random()))
        pulses = np.clip(np.sin(2 * np.pi * rate * stage.time), 0, 1) ** 1.5
        gate = np.clip(chirps * 5, 0, 1)
        tone = np.sin(2 * np.pi * pitch * stage.time) * pulses * gate
        wave += panned(tone * stage.rng.uniform(0.2, 1), stage.rng.uniform(-1, 1))
    return wave + noise(stage, 4800, 7600) * 0.05


def bees(stage: Stage) -> Wave:
    """Buzz, come near and turn away."""
    wave = stage.silence()
    for _ in range(4):
        phase = gliding(stage.rng.uniform(170, 240) * (1 + 0.12 * slow(stage, 2.5)))
        buzz = harmonics(phase, 12)
        wave += panned(buzz * (0.1 + slow(stage, 0.8) ** 2), slow(stage, 0.7) * 2 - 1)
    return filtered(wave, [(450, 400, 1.0), (1600, 900, 0.5)])


def dogs(stage: Stage) -> Wave:
    """Barks in twos and threes."""
    wave = stage.silence()
    for at in beats(stage, 2.1, wobble=0.2):
        for number in range(stage.rng.integers(1, 4)):
            bark = _bark(stage, stage.rng.uniform(0.9, 1.15))
            put(wave, bark, at + 0.34 * number, position=stage.rng.normal(0, 0.1))
    return wave


def _bark(stage: Stage, size: float) -> Wave:
    part = np.linspace(0, 1, int(0.19 * RATE))
    phase = gliding((280 + 330 * np.sin(np.pi * part**0.6)) * size)
    voice = harmonics(phase, 19, fall=0.7)
    voice += 0.8 * noise(Stage(stage.rng, len(part)), 500, 3500)[0]
    formed = filtered(voice, [(650, 220, 1.0), (1500, 350, 0.8), (2700, 500, 0.3)])
    return formed * np.sin(np.pi * part**0.45) ** 1.5 * 0.6


def cats(stage: Stage) -> Wave:
    """Meows that rise, open and fall."""
    wave = stage.silence()
    for at in beats(stage, 2.4, wobble=0.15):
        part = np.linspace(0, 1, int(stage.rng.uniform(0.6, 0.95) * RATE))
        phase = gliding(stage.rng.uniform(430, 560) * (0.85 + 0.4 * np.sin(np.pi * part**0.7)))
        voice = harmonics(phase, 15)
        closed, opened = filtered(voice, [(500, 150, 1.0)]), filtered(voice, [(1300, 350, 1.3)])
        shape = np.sin(np.pi * part) ** 0.8
        mouth = np.sin(np.pi * part**0.8) ** 2
        put(wave, (closed * (1 - mouth) + opened * mouth) * shape, at)
    return wave


def owls(stage: Stage) -> Wave:
    """Hoots: one long, a breath, and one that trembles."""
    wave = stage.silence()
    for at in beats(stage, 4.5, wobble=0.1, first=0.2):
        for delay, seconds, tremble in ((0.0, 0.5, 0.0), (1.2, 0.25, 0.0), (1.5, 1.0, 0.35)):
            part = np.linspace(0, 1, int(seconds * RATE))
            tone = np.sin(gliding(390 * (1 - 0.06 * part))) * np.sin(np.pi * part) ** 0.6
            shake = 1 - tremble * (1 + np.sin(2 * np.pi * 11 * part * seconds))
            put(wave, tone * shake, at + delay, position=0.25)
    return wave


def underwater(stage: Stage) -> Wave:
    """Press on the ears, with slow bubbles."""
    bubbles = [_bubble(stage) for _ in range(10)]
    bed = noise(stage, 40, 260, tilt=0.7) * (0.7 + 0.3 * slow(stage, 0.5))
    return bed + passed(strew(stage, bubbles, 18), 100, 1400) * 2.5


def space(stage: Stage) -> Wave:
    """Hold an endless low choir with a glimmer far above."""
    size = stage.length
    wave = noise(stage, 30, 120, tilt=0.5) * 0.4
    for pitch in (55, 82.4, 110, 164.8, 220):
        drift = gliding(pitch * (1 + 0.004 * slow(stage, 0.4)))
        wave += panned(np.sin(drift) * slow(stage, 0.3), stage.rng.uniform(-0.8, 0.8))
    glimmer = noise(stage, 3000, 3100, slope=30)[:, :size] * slow(stage, 0.6) ** 4
    return wave + 0.15 * glimmer
