"""The page's texts on scenes, tone, and words; `translations.py` has all others, and takes these in."""

from __future__ import annotations

# key: (English, Chinese, Japanese)
DRAWING_TEXTS: dict[str, tuple[str, str, str]] = {
    # Scenes
    "subject_scene": ("Scene", "场景", "情景"),
    "fidelity": ("Fidelity", "忠实度", "忠実さ"),
    "fidelity_info": (
        "1: each line where it is seen · 4: a loose sketch",
        "1：线条忠于所见 · 4：写意速写",
        "1：見たままの線 · 4：ゆるいスケッチ",
    ),
    "simplicity": ("Simplicity", "简化程度", "簡略さ"),
    "simplicity_info": (
        "1: all strokes · 4: about a quarter of them",
        "1：全部笔画 · 4：约四分之一",
        "1：すべての線 · 4：およそ4分の1",
    ),
    "scene_only_draw": (
        "Only Draw and Draw another draw scenes: choose another background.",
        "只有“开始画”和“再画一幅”能画场景：请选择其他背景。",
        "情景を描けるのは「描く」と「もう一枚描く」だけです。ほかの背景を選んでください。",
    ),
    "scene_too_many": (
        "Scenes may have at most {most} strokes here.",
        "这里的场景最多 {most} 笔。",
        "ここでは情景は {most} 本までです。",
    ),
    # Tone
    "tone": ("Tone", "明暗", "陰影"),
    "tone_info": (
        "Lines under the strokes that show how dark it is",
        "笔画之下表现明暗的线条",
        "線の下に敷く、暗さを表す線",
    ),
    "tone_none": ("None", "无", "なし"),
    "tone_hatch": ("Hatching", "排线", "ハッチング"),
    "tone_cross": ("Cross-hatching", "交叉排线", "クロスハッチング"),
    "tone_contour": ("Along the form", "沿形体", "形に沿う線"),
    "tone_scribble": ("Scribble", "往返涂线", "往復の線"),
    "tone_spiral": ("Spiral", "环绕弧线", "渦巻き"),
    "tone_lines": ("Most lines of tone", "明暗线条最多", "陰影の線の最大数"),
    "tone_no_dark": (
        "no tone: the photo has no dark parts",
        "没有明暗线条：照片中没有暗部",
        "陰影なし。写真に暗い部分がありません",
    ),
    "tone_of_words": (
        "no tone: a drawing of words has no photo that says what is dark",
        "没有明暗线条：由文字画成的画没有照片可依",
        "陰影なし。言葉の絵には暗さを決める写真がありません",
    ),
    # Words
    "text": ("What it should say", "要画得像什么", "何に見えるか"),
    "text_info": (
        "The drawing is also to read as this word",
        "让画也读得出这个词",
        "絵がこの言葉としても読めるようにします",
    ),
    "text_named": ("The word", "词语", "言葉"),
    "text_example": ("cat", "猫", "ねこ"),
    "text_weight": ("How much it counts", "所占比重", "言葉の重み"),
    "text_weight_info": (
        "0.3: a hint · 1: usual · 5: hardly keeps to the photo",
        "0.3：略微 · 1：通常 · 5：几乎不依照片",
        "0.3：わずか · 1：標準 · 5：写真をほとんど離れる",
    ),
    "tab_words": ("Words", "文字", "言葉"),
    "words_info": (
        "Draws a word without any photo, with the strokes and the seed set for photos. Another seed draws another.",
        "不用照片，直接画一个词。笔画数和随机种子与照片的设置相同，换种子即换一幅。",
        "写真なしで言葉を描きます。線の数とシードは写真用の設定を使い、シードを変えると別の絵になります。",
    ),
    "words": ("What to draw", "画什么", "描くもの"),
    "words_example": ("a flamingo", "火烈鸟", "フラミンゴ"),
    "words_draw": ("Draw from words", "用文字画", "言葉から描く"),
    "words_first": ("Say what to draw first.", "请先写下要画什么。", "先に描くものを書いてください。"),
    "words_no_photo": (
        "This was drawn from words, without a photo: draw a photo first.",
        "这幅画由文字画成，没有照片：请先画一张照片。",
        "これは言葉から描いた絵で、写真がありません。先に写真を描いてください。",
    ),
    "words_read": (
        "It reads as “{word}” ({sure}).",
        "认得出是“{word}”（{sure}）。",
        "「{word}」と読めます（{sure}）。",
    ),
    "words_unread": (
        "It does not read as “{word}” ({sure}) but as “{other}” ({other_sure}): try another seed, or more strokes.",
        "认不出是“{word}”（{sure}），更像“{other}”（{other_sure}）：请换种子或增加笔画。",
        "「{word}」（{sure}）ではなく「{other}」（{other_sure}）と読めます。シードを変えるか、線を増やしてください。",
    ),
    "command_edited_words": (
        "this drawing was edited by hand: no command makes it, so save its file",
        "经手工修改：没有命令能生成，请保存文件",
        "手で編集した絵。作るコマンドはないので、ファイルを保存",
    ),
}
