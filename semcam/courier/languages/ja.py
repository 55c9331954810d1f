"""日本語。"""

from semcam.contract.labels import ANIMALS, PERSON
from semcam.contract.signal import Stage

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


def say(kind: str, stage: Stage, label: str | None, who: str | None, place: str | None) -> str:
    """出来事を一文で述べる。"""
    match kind:
        case "fall":
            return _fall(stage, who or "どなたか", place)
        case "camera_fault":
            camera = f"{place}のカメラ" if place else "カメラ"
            return f"{camera}が再び動き出しました。" if stage is Stage.CLEARED else f"{camera}が止まりました。"
        case _:
            return _sighting(stage, label or kind, place)


def _fall(stage: Stage, who: str, place: str | None) -> str:
    where = f"{place}で" if place else ""
    match stage:
        case Stage.SUSPECTED:
            return f"{who}が{where}倒れたかもしれません。"
        case Stage.CLEARED:
            return f"{who}が{where}起き上がりました。"
        case _:
            return f"{who}が{where}倒れました。"


def _sighting(stage: Stage, label: str, place: str | None) -> str:
    noun, alive = NOUNS[label], label in _ALIVE
    where = f"{place}に" if place else ""
    match stage:
        case Stage.SUSPECTED:
            return f"{where}{noun}が{'いる' if alive else 'ある'}かもしれません。"
        case Stage.CLEARED:
            of = f"{place}の" if place else ""
            return f"{of}{noun}は{'いなく' if alive else 'なく'}なりました。"
        case _:
            return f"{where}{noun}が{'います' if alive else 'あります'}。"
