"""All texts of the page, in English, Chinese and Japanese.

label = i18n("draw")                           # on the page from the start: the browser picks the language
text = translate("ja", "left", seconds=4)      # shown later: the server picks the language
"""

from __future__ import annotations

from .drawing_texts import DRAWING_TEXTS

LANGUAGES = ("en", "zh", "ja")

# key: (English, Chinese, Japanese)
TEXTS: dict[str, tuple[str, str, str]] = {
    **DRAWING_TEXTS,
    "tagline": ("A photo, in a handful of strokes.", "一张照片，寥寥数笔。", "一枚の写真を、わずかな線で。"),
    "photo": ("Photo", "照片", "写真"),
    "examples": ("Or try one of these", "或试试这些", "サンプルで試す"),
    "example_cup": ("A cup of coffee", "一杯咖啡", "一杯のコーヒー"),
    "example_cat": ("A cat", "一只猫", "猫"),
    "example_woman": ("An astronaut", "一位宇航员", "宇宙飛行士"),
    "example_rocket": ("A rocket", "一枚火箭", "ロケット"),
    "strokes": ("Strokes", "笔画数", "線の数"),
    "strokes_info": (
        "4: only the gist · 16: a clear drawing · 32: a detailed sketch",
        "4 笔写意，16 笔清晰，32 笔忠实",
        "4本で印象だけ、16本ではっきり、32本で忠実に",
    ),
    "subject": ("Background", "背景", "背景"),
    "subject_auto": ("Auto", "自动", "自動"),
    "subject_remove": ("Remove", "去除", "消す"),
    "subject_keep": ("Keep", "保留", "残す"),
    "draw": ("Draw", "开始画", "描く"),
    "stop": ("Stop, keep the best", "停止，保留最佳", "止めて最良を残す"),
    "more": ("More settings", "更多设置", "詳細設定"),
    "count": ("Drawings to choose from", "候选画数量", "候補の数"),
    "seed": ("Seed", "随机种子", "シード"),
    "steps": ("Maximum steps", "最多步数", "最大ステップ数"),
    "starts": ("Starting points to try", "尝试的起点数", "試す開始案の数"),
    "pen": ("Line width while drawing (0: automatic)", "作画时笔宽（0 为自动）", "描画時の線幅（0 は自動）"),
    "one_line": ("One continuous line", "一笔画", "一筆書き"),
    "optimize": ("Also optimise", "一并优化", "線ごとに変える"),
    "vary_width": ("Width", "粗细", "太さ"),
    "vary_opacity": ("Opacity", "浓淡", "濃さ"),
    "vary_color": ("Colour", "颜色", "色"),
    "tab_drawing": ("Drawing", "画", "絵"),
    "tab_compare": ("Compare", "对比", "比べる"),
    "tab_subject": ("Subject", "主体", "被写体"),
    "tab_ladder": ("Ladder", "阶梯", "段階"),
    "tab_fewest": ("Fewest strokes", "最少笔画", "最少の線"),
    "lock": ("Lock / unlock", "锁定 / 解锁", "固定／解除"),
    "delete": ("Delete", "删除", "削除"),
    "undo": ("Undo", "撤销", "元に戻す"),
    "carry_on": ("Carry on", "继续画", "続きを描く"),
    "add": ("New strokes", "新增笔画", "加える線"),
    "blank": ("Drop a photo, then draw.", "放入照片，然后开始画。", "写真を入れて、描いてください。"),
    "ready": ("Ready to draw.", "可以开始画了。", "描く準備ができました。"),
    "looking": ("Looking for the subject…", "正在寻找主体……", "被写体を探しています……"),
    "placing": ("Placing the first strokes…", "正在落下最初几笔……", "最初の線を置いています……"),
    "state": (
        "Step {step} of {steps} · loss {loss}",
        "第 {step} / {steps} 步 · 损失 {loss}",
        "{steps} 中 {step} ステップ目 · 損失 {loss}",
    ),
    "left": ("{seconds} s left at most", "最多还需 {seconds} 秒", "残り最大 {seconds} 秒"),
    "of_many": ("Drawing {number} of {count} · ", "第 {number} / {count} 幅 · ", "{count} 枚中 {number} 枚目 · "),
    "done": (
        "{count} strokes · loss {loss} · {seconds} s",
        "{count} 笔 · 损失 {loss} · {seconds} 秒",
        "{count} 本 · 損失 {loss} · {seconds} 秒",
    ),
    "stopped": (
        "Stopped; the best so far is kept. ",
        "已停止，保留目前最佳。",
        "停止しました。最良のものを残しました。",
    ),
    "late": (
        "Time limit reached; the best so far is kept. ",
        "时间已到，保留目前最佳。",
        "時間切れです。最良のものを残しました。",
    ),
    "stroke": ("Stroke {number}", "第 {number} 笔", "{number} 本目の線"),
    "stroke_locked": ("Stroke {number}, locked", "第 {number} 笔，已锁定", "{number} 本目の線、固定済み"),
    "strokes_to_pick": (
        "{count} strokes. Arrow keys move, Space picks, L locks, Delete deletes.",
        "共 {count} 笔。方向键移动，空格选取，L 锁定，Delete 删除。",
        "線は {count} 本。矢印キーで移動、スペースで選択、L で固定、Delete で削除。",
    ),
    "pick_first": ("Pick a stroke on the sheet first.", "请先在画上选取笔画。", "先に線を選んでください。"),
    "nothing_left": ("A drawing needs at least one stroke.", "画至少要有一笔。", "線は少なくとも1本必要です。"),
    "picked_locked": ("{count} strokes are locked.", "已锁定 {count} 笔。", "{count} 本を固定しています。"),
    "picked_deleted": ("{count} strokes left.", "还剩 {count} 笔。", "残り {count} 本です。"),
    "undone": ("Undone.", "已撤销。", "元に戻しました。"),
    "candidate": ("Drawing {number}, loss {loss}", "第 {number} 幅，损失 {loss}", "{number} 枚目、損失 {loss}"),
    "candidates": ("Drawings to choose from", "候选画", "候補"),
    "another": ("Draw another", "再画一幅", "もう一枚描く"),
    "look": ("Look", "外观", "見た目"),
    "look_width": ("Line width", "线宽", "線の太さ"),
    "look_width_info": ("0 keeps it as it was drawn", "0 表示保持原样", "0 は描いたときのまま"),
    "look_color": ("Ink", "墨色", "インク"),
    "look_paper": ("Paper", "纸", "紙"),
    "paper_white": ("White", "白", "白"),
    "paper_cream": ("Cream", "米色", "生成り"),
    "paper_grey": ("Grey", "灰", "灰"),
    "paper_night": ("Night", "夜", "夜"),
    "paper_none": ("None", "透明", "なし"),
    "look_brush": ("Brush", "笔刷", "ブラシ"),
    "brush_round": ("Plain", "普通", "標準"),
    "brush_pen": ("Pen", "钢笔", "ペン"),
    "brush_ink": ("Ink", "毛笔", "筆"),
    "brush_pencil": ("Pencil", "铅笔", "鉛筆"),
    "brush_marker": ("Marker", "马克笔", "マーカー"),
    "download": ("Download", "下载", "ダウンロード"),
    "download_animated": ("Animated SVG", "动态 SVG", "動く SVG"),
    "download_plotter": ("Plotter SVG", "绘图仪 SVG", "プロッター SVG"),
    "command": ("Command line", "命令行", "コマンドライン"),
    "command_info": (
        "Makes this drawing in a terminal.",
        "在终端中生成这幅画的命令。",
        "ターミナルでこの絵を作るコマンド。",
    ),
    "compare": ("Photo and drawing", "照片与画", "写真と絵"),
    "mask_info": (
        "Paint over what is to be drawn, or take it away. Nothing else will be drawn.",
        "涂抹要画的部分，或将其去掉。其余都不画。",
        "描きたい部分を塗り、不要な部分を取り除きます。それ以外は描きません。",
    ),
    "mask_canvas": (
        "The photo, with the part to draw in red. Drag to paint.",
        "照片，要画的部分为红色。拖动即可涂抹。",
        "写真。描く部分は赤。ドラッグして塗ります。",
    ),
    "brush_mode": ("The brush", "画笔", "ブラシで"),
    "brush_mode_add": ("Adds", "添加", "加える"),
    "brush_mode_remove": ("Takes away", "去掉", "取り除く"),
    "brush_size": ("Size", "大小", "大きさ"),
    "brush_follow": ("Follow edges", "贴合边缘", "輪郭に合わせる"),
    "brush_follow_info": (
        "A rough stroke is enough",
        "大致涂一笔即可",
        "大まかに塗るだけで十分です",
    ),
    "mask_use": ("Draw this part", "画这部分", "この部分を描く"),
    "undo_mask": ("Undo stroke", "撤销一笔", "ひと塗り戻す"),
    "reset_mask": ("Find it anew", "重新识别", "探し直す"),
    "save_mask": ("Save mask", "保存蒙版", "マスクを保存"),
    "give_mask": ("Use a mask file", "使用蒙版文件", "マスクのファイルを使う"),
    "mask_used": ("Only the painted part will be drawn.", "只画涂抹的部分。", "塗った部分だけを描きます。"),
    "mask_given": (
        "Only what is white or opaque in your mask will be drawn.",
        "只画蒙版中白色或不透明的部分。",
        "マスクの白い部分、または不透明な部分だけを描きます。",
    ),
    "mask_reset_done": (
        "The subject is looked for in the whole photo again.",
        "已恢复为在整张照片中识别主体。",
        "写真全体から被写体を探し直しました。",
    ),
    "mask_empty": (
        "Paint the part to draw first.",
        "请先涂抹要画的部分。",
        "先に描きたい部分を塗ってください。",
    ),
    "mask_full": (
        "All is painted: take something away, or keep the background.",
        "已全部涂抹：请去掉一部分，或选择保留背景。",
        "全体が塗られています。一部を取り除くか、背景を残してください。",
    ),
    "model": ("Found by", "识别网络", "探すネットワーク"),
    "model_auto": ("The network that comes along", "自带的网络", "付属のネットワーク"),
    "model_info": (
        "Larger networks take longer, and are fetched once.",
        "较大的网络更慢，首次使用时下载。",
        "大きいネットワークは遅く、初回に取得します。",
    ),
    "fetching": (
        "Fetching the network {name} into {folder}, once…",
        "正在下载网络 {name} 到 {folder}（仅一次）……",
        "ネットワーク {name} を {folder} に取得しています（初回のみ）……",
    ),
    "tab_trace": ("Trace", "描摹", "なぞる"),
    "trace_info": (
        "For a picture of lines: a scan, a logo, a child's drawing. Its lines become strokes, without a network.",
        "用于线条画：扫描稿、标志、儿童画。线条直接变为笔画，不用网络。",
        "線画のために。スキャン、ロゴ、子どもの絵の線を、ネットワークなしでそのまま線にします。",
    ),
    "trace_strokes": ("Most strokes", "最多笔画", "線の最大数"),
    "trace_every": ("Every line", "全部线条", "すべての線"),
    "trace_widths": ("Keep widths", "保留粗细", "太さを保つ"),
    "trace_colors": ("Keep colours", "保留颜色", "色を保つ"),
    "trace_lines": ("Lines", "线条", "線の明るさ"),
    "trace_lines_auto": ("Auto", "自动", "自動"),
    "trace_lines_dark": ("Dark", "深色", "暗い"),
    "trace_lines_light": ("Light", "浅色", "明るい"),
    "trace_draw": ("Trace the lines", "描摹线条", "線をなぞる"),
    "tracing": ("Tracing the lines…", "正在描摹线条……", "線をなぞっています……"),
    "traced": (
        "{count} strokes, {share} of the length of all lines",
        "{count} 笔，占线条总长的 {share}",
        "{count} 本、線の全長の {share}",
    ),
    "pens": ("Pens", "多支笔", "複数のペン"),
    "pens_info": (
        "Each stroke takes the nearest colour",
        "每笔取最接近的颜色",
        "線ごとに最も近い色を使います",
    ),
    "accepts": (
        "JPEG, PNG, HEIC, WebP, TIFF and others, up to {megabytes} MB and {pixels} million pixels ({jpeg} as JPEG)",
        "JPEG、PNG、HEIC、WebP、TIFF 等，最大 {megabytes} MB、{pixels} 百万像素（JPEG 为 {jpeg}）",
        "JPEG、PNG、HEIC、WebP、TIFF など。{megabytes} MB、{pixels} メガピクセル（JPEG は {jpeg}）まで",
    ),
    "ladder_counts": ("Stroke counts", "笔画数列表", "線の数（カンマ区切り）"),
    "ladder_info": (
        "The subject with fewer and fewer strokes. Each drawing is made from the one before.",
        "同一主体，笔画逐幅减少，每幅由前一幅简化而来。",
        "同じ被写体を少しずつ少ない線で。各段は前の絵から作られます。",
    ),
    "ladder_draw": ("Draw the ladder", "画阶梯", "段階を描く"),
    "ladder_level": ("{count} strokes", "{count} 笔", "{count} 本"),
    "fewest_info": (
        "The fewest strokes with which a neural network still recognises the subject.",
        "网络仍能认出主体的最少笔画。",
        "ネットワークがまだ被写体を認識できる最少の線。",
    ),
    "fewest_label": ("What the photo shows", "画的是什么", "何の写真か"),
    "fewest_label_info": (
        "Empty: what the network recognises in the photo.",
        "留空：由网络判断。",
        "空欄：ネットワークの判断に任せます。",
    ),
    "fewest_confidence": (
        "Required confidence, as a share of the confidence for the photo",
        "要求的把握（相对于照片）",
        "必要な確信度（写真に対する割合）",
    ),
    "fewest_draw": ("Find the fewest", "寻找最少笔画", "最少の線を探す"),
    "fewest_found": (
        "With {count} strokes it is still recognised as {label} ({confidence})",
        "{count} 笔仍可认作 {label}（{confidence}）",
        "{count} 本でも {label} と認識されます（{confidence}）",
    ),
    "fewest_missed": (
        "No drawing was recognised as {label} with that confidence; the best has {count} strokes ({confidence})",
        "没有一幅确认为 {label}；最接近的是 {count} 笔（{confidence}）",
        "{label} と確信できる絵はありませんでした。最も近いのは {count} 本（{confidence}）",
    ),
    "added_apart": (
        "The drawing was changed meanwhile, so the result was added as another drawing to choose from.",
        "画在此期间已更改，结果另存为一幅候选画。",
        "途中で絵が変更されたため、結果は候補に追加しました。",
    ),
    "changed": (
        "The drawing was changed meanwhile: try again.",
        "画在此期间已更改：请重试。",
        "途中で絵が変更されました。もう一度お試しください。",
    ),
    "first_photo": ("Choose a photo first.", "请先选择照片。", "先に写真を選んでください。"),
    "first_drawing": ("Draw something first.", "请先画一幅。", "先に描いてください。"),
    "too_large": (
        "The file is larger than {megabytes} MB: make it smaller.",
        "文件超过 {megabytes} MB：请缩小后再试。",
        "ファイルが {megabytes} MB を超えています。小さくしてください。",
    ),
    "user_error": ("Please correct this", "请更正", "ご確認ください"),
    "bug": (
        "This is a bug, please report it.",
        "这是程序错误，请报告。",
        "プログラムの不具合です。ご報告ください。",
    ),
    "command_stopped": (
        "this drawing was stopped early; the command makes the finished drawing",
        "此画提前停止；命令会画到最后",
        "この絵は途中で止めたもの。コマンドは最後まで描く",
    ),
    "command_carried_on": (
        "save the drawing as it was before Carry on as {name}, then run",
        "先将“继续画”之前的画存为 {name}，再运行：",
        "「続きを描く」の前の絵を {name} として保存し、続きは",
    ),
    "command_edited": (
        "this drawing was edited by hand: save it as {name}, then run",
        "经手工修改：先存为 {name}，再继续：",
        "手で編集した絵。{name} として保存し、続きは",
    ),
    "command_masked": (
        "the part to draw was painted by hand: save it with “{button}” as {name}",
        "要画的部分由手工选取：请用“{button}”存为 {name}",
        "描く部分を手で塗ったもの。「{button}」で {name} として保存",
    ),
    "command_pens": (
        "the pens are in the files that you download; no command gives them to this drawing",
        "下载的文件中含多支笔；没有命令能为此画分笔",
        "ペンはダウンロードするファイルに入る。この絵に付けるコマンドはない",
    ),
}


def translate(language: str, key: str, **values: object) -> str:
    """A text in a language of `LANGUAGES` (English for any other), with values in place of {their names}."""
    index = LANGUAGES.index(language) if language in LANGUAGES else 0
    return TEXTS[key][index].format(**values)


def preferred_language(header: str) -> str:
    """The language of `LANGUAGES` with the highest weight in an Accept-Language header; English if it has none."""
    accepted: list[tuple[float, int, str]] = []
    for position, item in enumerate(header.split(",")[:20]):
        tag, _, rest = item.strip().partition(";")
        weight = 1.0
        if rest.strip().startswith("q="):
            try:
                weight = float(rest.strip()[2:])
            except ValueError:
                continue
        language = tag.strip().lower().split("-")[0]
        if weight > 0 and language in LANGUAGES:
            accepted.append((-weight, position, language))
    return min(accepted)[2] if accepted else LANGUAGES[0]


def tables() -> dict[str, dict[str, str]]:
    """All texts for each language tag that a browser may report, as Gradio's I18n takes them."""
    by_language = {language: {key: texts[i] for key, texts in TEXTS.items()} for i, language in enumerate(LANGUAGES)}
    tags = {"en": "en", "zh": "zh", "zh-CN": "zh", "zh-TW": "zh", "zh-HK": "zh", "ja": "ja", "ja-JP": "ja"}
    return {tag: by_language[language] for tag, language in tags.items()}
