"""日本語。"""

from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.labels import ANIMALS, PERSON
from semcam.contract.signal import Stage, View, Way
from semcam.courier.facts import MOVERS, VEHICLES, Facts, Named, in_words
from semcam.courier.spans import Unit, spans

SOMEONE = "どなたか"
FOR_A_WHILE = "しばらくの間"

NOUNS: dict[str, str] = {
    "person": "人", "bicycle": "自転車", "car": "車", "motorcycle": "バイク", "airplane": "飛行機", "bus": "バス",
    "train": "電車", "truck": "トラック", "boat": "船", "traffic_light": "信号機", "fire_hydrant": "消火栓",
    "stop_sign": "一時停止の標識", "parking_meter": "パーキングメーター", "bench": "ベンチ", "bird": "鳥",
    "cat": "ネコ", "dog": "イヌ", "horse": "ウマ", "sheep": "ヒツジ", "cow": "ウシ", "elephant": "ゾウ",
    "bear": "クマ", "zebra": "シマウマ", "giraffe": "キリン", "backpack": "リュックサック", "umbrella": "傘",
    "handbag": "ハンドバッグ", "tie": "ネクタイ", "suitcase": "スーツケース", "frisbee": "フリスビー",
    "skis": "スキー板", "snowboard": "スノーボード", "sports_ball": "ボール", "kite": "凧",
    "baseball_bat": "バット", "baseball_glove": "グローブ", "skateboard": "スケートボード",
    "surfboard": "サーフボード", "tennis_racket": "テニスラケット", "bottle": "瓶", "wine_glass": "ワイングラス",
    "cup": "コップ", "fork": "フォーク", "knife": "ナイフ", "spoon": "スプーン", "bowl": "椀", "banana": "バナナ",
    "apple": "リンゴ", "sandwich": "サンドイッチ", "orange": "オレンジ", "broccoli": "ブロッコリー",
    "carrot": "ニンジン", "hot_dog": "ホットドッグ", "pizza": "ピザ", "donut": "ドーナツ", "cake": "ケーキ",
    "chair": "椅子", "couch": "ソファー", "potted_plant": "鉢植え", "bed": "ベッド", "dining_table": "食卓",
    "toilet": "便器", "tv": "テレビ", "laptop": "ノートパソコン", "mouse": "マウス", "remote": "リモコン",
    "keyboard": "キーボード", "cell_phone": "携帯電話", "microwave": "電子レンジ", "oven": "オーブン",
    "toaster": "トースター", "sink": "流し台", "refrigerator": "冷蔵庫", "book": "本", "clock": "時計",
    "vase": "花瓶", "scissors": "はさみ", "teddy_bear": "ぬいぐるみ", "hair_drier": "ドライヤー",
    "toothbrush": "歯ブラシ", "large_animal": "大きな動物",
}  # fmt: skip

_ALIVE = ANIMALS | {PERSON}

_COUNTERS = {
    **dict.fromkeys(ANIMALS, "頭"),
    **dict.fromkeys(("cat", "dog"), "匹"),
    **dict.fromkeys(
        ("bicycle", "car", "motorcycle", "bus", "truck", "parking_meter", "bed", "dining_table", "tv",
         "laptop", "cell_phone", "keyboard", "microwave", "oven", "toaster", "refrigerator", "hair_drier", "skateboard",
         "bench", "couch"),
        "台",
    ),
    **dict.fromkeys(
        ("umbrella", "tie", "baseball_bat", "tennis_racket", "bottle", "fork", "knife", "spoon", "banana", "carrot",
         "hot_dog", "toothbrush", "scissors", "train"),
        "本",
    ),
    **dict.fromkeys(("frisbee", "snowboard", "surfboard", "pizza"), "枚"),
    "person": "人", "bird": "羽", "book": "冊", "chair": "脚", "airplane": "機", "boat": "隻",
}  # fmt: skip
"""数え方。ここにない物は「個」と数える。"""

TITLES: dict[str, str] = {
    "fall": "転倒", "lying": "横になったまま", "long_stay": "長時間の滞在", "absence": "姿が見えない",
    "left_bed": "離床", "not_back": "ベッドに戻らない", "wandering": "歩き回り", "gesture": "助けを求める合図",
    "no_motion": "動きがない", "entered": "入室", "left": "退室", "dwell": "とどまり", "line_crossed": "通過",
    "occupancy": "人数", "queue": "列", "crossed_closed_hours": "時間外", "sighting": "目撃",
    "left_behind": "置き忘れ・取り残し", "taken": "持ち去り", "when": "その他", "camera_fault": "カメラの異常",
    "rule_fault": "ルールの異常", "view_lost": "見えていない",
    "lost_today": "本日見えなかった時間", "event": "出来事", "connectivity": "接続", "view": "見え方",
    "fps": "1秒に見る枚数", "ack": "すべての警報を確認", "mute": "警報の一時停止", "in": "入", "out": "出",
}  # fmt: skip
"""状態を一覧に表示するときの呼び名。"""

_UNITS = {Unit.DAY: "日", Unit.HOUR: "時間", Unit.MINUTE: "分", Unit.SECOND: "秒"}


def say(facts: Facts, named: Named) -> str:
    """出来事を一文で述べる。"""
    return f"{_say(facts, named)}。"


def title(kind: str, rule: str | None = None) -> str:
    """転倒。名前を付けたルールは、それも添える。助けを求める合図（help）。"""
    return TITLES[kind] if rule in (None, kind) else f"{TITLES[kind]}（{in_words(rule or kind)}）"


def tail(stage: AlarmStage, ending: Ending | None, by: str | None) -> str:
    """まだ確認されていません。"""
    match stage, ending:
        case ((AlarmStage.REPEATED | AlarmStage.ESCALATED), _):
            return "まだ確認されていません。"
        case AlarmStage.ACKNOWLEDGED, _:
            return f"{by}が確認しました。" if by else "確認されました。"
        case AlarmStage.CLEARED, Ending.CLOSED:
            return f"{by}が対応を終えました。" if by else "対応が終わりました。"
        case AlarmStage.CLEARED, Ending.LAPSED:
            return "今は見えなくなっています。"
        case AlarmStage.CLEARED, Ending.REMOVED:
            return "この見守りは設定から外されました。"
        case _:
            return ""


def append(text: str, tail: str) -> str:
    """続けて書く。"""
    return text + tail


def noun(label: str | None) -> str:
    """クマ、携帯電話。"""
    return "もの" if label is None else NOUNS[label]


def duration(seconds: float) -> str:
    """1時間30分。"""
    return "".join(f"{many}{_UNITS[unit]}" for many, unit in spans(seconds))


def join(text: str, word: str) -> str:
    """そのまま続ける。"""
    return text + word


def _say(facts: Facts, named: Named) -> str:
    match facts.kind:
        case "fall" | "lying" | "no_motion" | "wandering" | "gesture":
            return _person(facts, named)
        case "left_bed" | "not_back":
            return _bed(facts, named)
        case "absence":
            return _absence(facts, named)
        case "long_stay":
            return _long_stay(facts, named)
        case "dwell":
            return _dwell(facts, named)
        case "crossed_closed_hours":
            return _closed_hours(facts, named)
        case "entered" | "left" | "line_crossed":
            return _moving(facts, named)
        case "occupancy":
            return _occupancy(facts, named)
        case "queue":
            return _queue(facts, named)
        case "left_behind":
            return _left_behind(facts, named)
        case "taken":
            return _taken(facts, named)
        case "camera_fault" | "rule_fault":
            return _fault(facts, named)
        case "view_lost":
            return _view_lost(facts, named)
        case "sighting":
            return _sighting(facts, named)
        case _:
            return _title(facts, named)


# -- 人


def _person(facts: Facts, named: Named) -> str:
    begin = f"{named.who or SOMEONE}が{_where(named, 'で')}"
    match facts.kind, facts.stage:
        case "fall", Stage.SUSPECTED:
            return f"{begin}倒れたかもしれません"
        case "fall", Stage.UPDATED:
            return f"{begin}{'' if facts.seconds is None else _long(facts)}倒れたままです"
        case "fall" | "lying", Stage.CLEARED:
            return f"{begin}起き上がりました"
        case "fall", _:
            return f"{begin}倒れました"
        case "lying", _:
            return f"{begin}{_long(facts)}横になったままです"
        case "no_motion", Stage.CLEARED:
            return f"{begin}再び動き始めました"
        case "no_motion", _:
            return f"{begin}{_long(facts)}動いていません"
        case "wandering", Stage.CLEARED:
            return f"{begin}落ち着きました"
        case "wandering", _:
            return f"{named.who or SOMEONE}が{_where(named, 'を')}歩き回っています"
        case _, Stage.CLEARED:
            return f"{begin}助けを求める合図をやめました"
        case _, Stage.UPDATED:
            return f"{begin}まだ助けを求めています"
        case _:
            return f"{begin}助けを求めています"


def _bed(facts: Facts, named: Named) -> str:
    who = named.who or SOMEONE
    bed = _inside(named.place, named.zone or "ベッド")
    after = "まだ" if facts.seconds is None else f"{duration(facts.seconds)}たっても"
    match facts.kind, facts.stage:
        case _, Stage.CLEARED:
            return f"{who}が{bed}に戻りました"
        case "not_back", _ if named.who is None:
            return f"{bed}を離れた方が、{after}戻っていません"
        case "not_back", _:
            return f"{who}が{after}{bed}に戻っていません"
        case _, Stage.UPDATED:
            since = "離れたままです" if facts.seconds is None else f"離れて{duration(facts.seconds)}になります"
            return f"{who}が{bed}を{since}"
        case _:
            return f"{who}が{bed}を離れました"


def _absence(facts: Facts, named: Named) -> str:
    if facts.stage is Stage.CLEARED:
        return f"{_where(named, 'で')}{named.who or SOMEONE}の姿が見えました"
    whose = f"{named.who}の姿が" if named.who else "どなたの姿も"
    if facts.by is not None:
        return f"{facts.by}までに、{_where(named, 'で')}{whose}見えませんでした"
    return f"{_where(named, 'では')}{_long(facts)}、{whose}見えません"


# -- 場所


def _long_stay(facts: Facts, named: Named) -> str:
    spot = _spot(named)
    if facts.stage is Stage.CLEARED:
        if named.who is None:
            return f"{_where(named, 'には')}どなたもいなくなりました"
        return f"{named.who}が{f'{spot}から出' if spot else '退室し'}ました"
    since = "そのままです" if facts.seconds is None else f"{duration(facts.seconds)}になります"
    return f"{named.who or SOMEONE}が{f'{spot}に入って' if spot else '入室して'}{since}"


def _dwell(facts: Facts, named: Named) -> str:
    subject = _subject(facts, named)
    if facts.stage is Stage.CLEARED:
        if facts.label in MOVERS and _spot(named):
            return f"{subject}が{_spot(named)}を離れました"
        return f"{_the_one(facts, named)}は{'いなく' if facts.label in MOVERS else 'なく'}なりました"
    stays = "止まって" if facts.label in VEHICLES else "とどまって" if _is_alive(facts) else "置かれて"
    return f"{subject}が{_where(named, 'に')}{_long(facts)}{stays}います"


def _closed_hours(facts: Facts, named: Named) -> str:
    if facts.stage is Stage.CLEARED:
        return f"{_the_one(facts, named)}は{_gone(facts)}りました"
    return f"時間外に、{_where(named, 'に')}{_subject(facts, named)}が{_be(facts)}ます"


def _moving(facts: Facts, named: Named) -> str:
    match facts.kind, facts.way:
        case "entered", _:
            return _entered(facts, named)
        case "left", _:
            return _left(facts, named)
        case _, Way.IN:
            place, line, goes = "に", "から", "入りました"
        case _, Way.OUT:
            place, line, goes = "から", "から", "出ました"
        case _:
            place, line, goes = "を", "を", "通りました"
    through = (
        f"{_inside(named.place, named.line)}{line}" if named.line else f"{named.place}{place}" if named.place else ""
    )
    counter = "件" if facts.mixed else _counter(facts.label)
    today = "" if facts.way is None or facts.crossings is None else f"。本日{facts.crossings}{counter}目です"
    return f"{_subject(facts, named)}が{through}{goes}{today}"


def _entered(facts: Facts, named: Named) -> str:
    subject = _subject(facts, named)
    if facts.label not in MOVERS:
        return f"{_where(named, 'に')}{subject}が現れました"
    return f"{subject}が{f'{_spot(named)}に入り' if _spot(named) else '来'}ました"


def _left(facts: Facts, named: Named) -> str:
    subject = _subject(facts, named)
    if not _spot(named):
        return f"{subject}が見えなくなりました"
    if facts.label not in MOVERS:
        return f"{_of(named)}{subject}がなくなりました"
    return f"{subject}が{_spot(named)}から出ました"


def _occupancy(facts: Facts, named: Named) -> str:
    label, most, least = facts.label, facts.more_than, facts.fewer_than
    limit = most if least is None else least
    number = f"{_of(named)}{'合計' if label is None else '人数' if label == PERSON else f'{noun(label)}の数'}は"
    if limit is None and (facts.count is None or facts.stage is Stage.CLEARED):
        return _title(facts, named)
    if facts.stage is Stage.CLEARED:
        if least is None and limit == 0:
            return f"{_where(named, 'には')}{_none_of(label)}{_gone(facts)}りました"
        return f"{number}{_counted(limit or 0, label)}{'以下' if least is None else '以上'}に戻りました"
    rest = "" if not limit else f"。上限は{_counted(limit, label)}です"
    if least is not None:
        rest = f"。少なくとも{_counted(least, label)}必要です"
    if facts.count is None:
        return f"{number}{_counted(limit or 0, label)}{'を超えています' if least is None else '未満です'}"
    if label is None:
        return f"{number}{facts.count}です{rest}"
    return f"{_count_there(facts, named)}{rest}"


def _count_there(facts: Facts, named: Named) -> str:
    """ホールに1人しかいません。"""
    where, be, count = _where(named, "に"), _be(facts), facts.count or 0
    subject = "" if facts.label == PERSON else f"{noun(facts.label)}が"
    if not count:
        return f"{_where(named, 'には')}{_none_of(facts.label)}{be}ません"
    if facts.fewer_than is not None:
        return f"{where}{subject}{_counted(count, facts.label)}しか{be}ません"
    return f"{where}{subject}{_counted(count, facts.label)}{be}ます"


def _queue(facts: Facts, named: Named) -> str:
    if facts.stage is Stage.CLEARED:
        return f"{_of(named)}列は解消しました"
    people = "人" if facts.count is None else _counted(facts.count, PERSON)
    return f"{_where(named, 'で')}{people}が待っています"


# -- 物と動物


def _sighting(facts: Facts, named: Named) -> str:
    where, name = _where(named, "に"), noun(facts.label)
    match facts.stage:
        case Stage.SUSPECTED:
            return f"{where}{name}が{'いる' if facts.label in _ALIVE else 'ある'}かもしれません"
        case Stage.UPDATED:
            return f"{where}まだ{name}が{_be(facts)}ます"
        case Stage.CLEARED:
            return f"{_of(named)}{name}は{_gone(facts)}りました"
        case _:
            return f"{where}{name}が{_be(facts)}ます"


def _left_behind(facts: Facts, named: Named) -> str:
    left = "取り残されて" if _is_alive(facts) else "置き忘れられて"
    begin = f"{_where(named, 'に')}{_subject(facts, named)}が"
    match facts.stage:
        case Stage.CLEARED if _is_alive(facts):
            return f"{_the_one(facts, named)}は、もう取り残されていません"
        case Stage.CLEARED:
            return f"{_the_one(facts, named)}は、もう置き忘れではありません"
        case Stage.UPDATED:
            return f"{begin}{_long(facts)}{left}います"
        case _:
            return f"{begin}{left}います"


def _taken(facts: Facts, named: Named) -> str:
    subject = _subject(facts, named)
    match facts.stage:
        case Stage.CLEARED:
            return f"{_where(named, 'に')}{subject}が戻りました"
        case Stage.UPDATED:
            return f"{_of(named)}{subject}が{_gone(facts)}ったままです"
        case _:
            return f"{_of(named)}{subject}が{_gone(facts)}りました"


# -- その他


def _title(facts: Facts, named: Named) -> str:
    title = f"「{in_words(facts.rule) or facts.kind}」"
    if facts.stage is Stage.CLEARED:
        return f"{_of(named)}{title}は終わりました"
    return f"{_where(named, 'で')}{title}を検知しました"


def _fault(facts: Facts, named: Named) -> str:
    camera = f"{f'{named.place}の' if named.place else ''}カメラ"
    if facts.kind == "rule_fault":
        rule = f"{camera}のルール「{facts.rule}」"
        if facts.stage is Stage.UPDATED:
            return f"{rule}は停止したままです"
        return f"{rule}{'が再び動き出しました' if facts.stage is Stage.CLEARED else 'は、問題が起きたため停止しました'}"
    match facts.stage:
        case Stage.CLEARED:
            return f"{camera}が再び動き出しました"
        case Stage.UPDATED:
            return f"{camera}は止まったままです"
        case _:
            return f"{camera}が止まりました"


def _view_lost(facts: Facts, named: Named) -> str:
    camera = f"{f'{named.place}の' if named.place else ''}カメラ"
    if facts.stage is Stage.CLEARED:
        since = "再び" if facts.seconds is None else f"{duration(facts.seconds)}ぶりに"
        return f"{camera}が{since}見えるようになりました"
    lasts = f"{_long(facts)}、" if facts.stage is Stage.UPDATED and facts.seconds is not None else ""
    match facts.view:
        case View.DARK:
            return f"{camera}は{lasts or '、'}暗くて見えません"
        case View.BRIGHT:
            return f"{camera}は{lasts or '、'}まぶしくて見えません"
        case View.COVERED:
            return f"{camera}が{lasts}覆われています"
        case View.BLURRED:
            return f"{camera}のピントが{lasts}合っていません"
        case View.FROZEN:
            return f"{camera}の映像が{lasts}固まっています"
        case View.MOVED:
            return f"{camera}の向きが変わっています"
        case View.COLOURS:
            return f"{camera}の色が{lasts}おかしくなっています"
        case View.NO_FRAMES:
            return f"{camera}の映像が{lasts}届いていません"
        case View.LATE:
            return f"{camera}の映像が{lasts}遅れています"
        case _:
            return f"{camera}は{lasts or '、'}見えていません"


# -- 言葉


def _is_person(facts: Facts) -> bool:
    return facts.label in (None, PERSON)


def _subject(facts: Facts, named: Named) -> str:
    return named.who or SOMEONE if _is_person(facts) else noun(facts.label)


def _the_one(facts: Facts, named: Named) -> str:
    """今まで述べてきたその人、その物。"""
    if _is_person(facts) and named.who is None:
        return f"{_where(named, 'に')}いた方" if _spot(named) else "先ほどの方"
    return f"{_of(named)}{_subject(facts, named)}"


def _be(facts: Facts) -> str:
    """います、あります。"""
    return "い" if _is_alive(facts) else "あり"


def _gone(facts: Facts) -> str:
    """いなくなる、なくなる。"""
    return "いなくな" if _is_alive(facts) else "なくな"


def _is_alive(facts: Facts) -> bool:
    return facts.label is None or facts.label in _ALIVE


def _none_of(label: str | None) -> str:
    return "何も" if label is None else "どなたも" if label == PERSON else f"{noun(label)}が"


def _counted(count: int, label: str | None) -> str:
    """5人、3台。"""
    return f"{count}{_counter(label)}"


def _counter(label: str | None) -> str:
    return "" if label is None else _COUNTERS.get(label, "個")


def _long(facts: Facts) -> str:
    """10分間、2時間、長い間。"""
    if facts.seconds is None:
        return "長い間"
    length = duration(facts.seconds)
    return length if length.endswith("間") else f"{length}間"


def _spot(named: Named) -> str:
    """浴室の洗い場。"""
    return _inside(named.place, named.zone)


def _inside(place: str | None, spot: str | None) -> str:
    return "の".join(name for name in (place, spot) if name)


def _where(named: Named, particle: str) -> str:
    return f"{_spot(named)}{particle}" if _spot(named) else ""


def _of(named: Named) -> str:
    return _where(named, "の")
