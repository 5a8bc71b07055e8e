"""The words of the demo library's events: English, and drafts in languages that are spoken there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """An event in English, with its codes and the languages spoken there, spaces between them."""

    title: str
    text: str
    codes: str
    bring: str = ""
    spoken: str = "en"


EVENTS = {
    "rhyme time": Told(
        "Rhyme time", "Songs and rhymes for babies and small children, with you on the mat. Come as you are.",
        "children under-fives with-children step-free",
    ),
    "knit and natter": Told(
        "Knit and Natter", "Bring your knitting, or learn it here. There is tea, and good company.",
        "making meeting adults older-people bring-a-friend step-free", "Needles and wool, if you have them",
    ),
    "board games": Told(
        "Board games", "Chess, Ludo, Carrom and many more. Somebody will explain the rules.",
        "meeting teenagers adults with-children bring-a-friend step-free",
    ),
    "it help": Told(
        "Help with computers and phones", "Print, scan, set up an e-mail, fill in a form.",
        "digital jobs adults step-free hearing-loop", "Your phone or tablet, and its charger",
    ),
    "stay and play": Told(
        "Stay and Play", "Toys, a story and a snack for children under five and their grown-ups.",
        "children under-fives with-children step-free",
    ),
    "stay and play at central": Told(
        "Stay and Play", "Toys, a story and a snack for children under five and their grown-ups.",
        "children under-fives with-children step-free",
    ),
    "coding club": Told(
        "Coding club", "Make games and animations with Scratch. We have the computers.",
        "children digital children-5-11 step-free",
    ),
    "homework club": Told(
        "Homework club", "A quiet table, helpful people, and a biscuit. For every subject.",
        "homework children children-5-11 teenagers quiet step-free", "Your homework",
    ),
    "baby weighing": Told(
        "Baby weighing", "A health visitor weighs your baby and answers your questions.",
        "health children under-fives with-children step-free", "The red book of your child",
    ),
    "holiday crafts": Told(
        "Holiday crafts", "Paper, glue and glitter: make a lantern to take home. A grown-up stays with you.",
        "children making children-5-11 with-children step-free", "Old clothes",
    ),
    "chat and chill": Told(
        "Chat and Chill", "For women who are new to Britain. Talk, tea and crafts. Children are welcome.",
        "meeting english women-only with-children adults step-free entry-1", spoken="en ar ti uk",
    ),
    "esol": Told(
        "English class for beginners", "Speak and listen from the first day. The teacher is in the room.",
        "english adults pre-entry entry-1 step-free", "A pen",
    ),
    "job club": Told(
        "Job club", "Write a CV, look for work, and practise for an interview.",
        "jobs digital adults bring-a-friend step-free",
    ),
    "death positive": Told(
        "Death Positive evening", "Talk openly about dying, death and grief, with tea and cake.",
        "bereavement meeting adults quiet step-free",
    ),
    "reading group": Told(
        "Reading group", "We read one book in two weeks and talk about it. Large print is there.",
        "reading meeting adults hearing-loop step-free",
    ),
    "repair morning": Told(
        "Repair morning", "Bring a lamp, a zip or a bicycle that does not work. We mend it together.",
        "environment making adults bring-a-friend", "One thing to mend",
    ),
    "health walk": Told(
        "Health walk", "A slow walk of two miles with a leader. You can turn back at any time.",
        "health environment meeting adults older-people bring-a-friend", "Good shoes, and water",
    ),
    "author talk": Told(
        "An author reads", "A writer of crime stories reads to you at home, and answers your questions.",
        "reading adults bsl",
    ),
    "mobile library": Told(
        "The mobile library stops", "Books, talking books and a friendly face. The van has a lift.",
        "reading adults older-people step-free",
    ),
}  # fmt: skip

WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "rhyme time": {
        "pl": ("Rymowanki", "Piosenki i rymowanki dla niemowląt i małych dzieci, razem z tobą na dywanie."),
        "ar": ("أغانٍ وأناشيد للصغار", "أغانٍ وأناشيد للرضّع والأطفال الصغار مع الأهل."),
        "uk": ("Віршики для малюків", "Пісні й віршики для немовлят і малих дітей разом із батьками."),
        "ti": ("ግዜ መዝሙር ንህጻናት", "መዝሙርን ግጥምን ንህጻናት ምስ ወለዶም።"),
        "zh-Hant-HK": ("兒歌時間", "和嬰幼兒一起唱歌、唸兒歌。"),
    },
    "chat and chill": {
        "ar": ("حديث وراحة", "للنساء الجديدات في بريطانيا. حديث وشاي وأشغال يدوية."),
        "uk": ("Розмови за чаєм", "Для жінок, які нещодавно у Британії. Розмови й чай. Можна з дітьми."),
        "ti": ("ዕላልን ዕረፍትን", "ንሓደስቲ ናብ ብሪጣንያ ዝመጻ ደቂ ኣንስትዮ። ዕላል፡ ሻሂን ኢደ-ጥበብን።"),
        "pl": ("Pogaduszki przy herbacie", "Dla kobiet, które są tu od niedawna. Można przyjść z dziećmi."),
    },
    "esol": {
        "ar": ("دروس الإنجليزية للمبتدئين", "محادثة واستماع من اليوم الأول."),
        "uk": ("Англійська для початківців", "Говоримо й слухаємо з першого дня."),
        "ti": ("ትምህርቲ እንግሊዝኛ ንጀመርቲ", "ካብ መጀመርታ መዓልቲ ምዝራብን ምስማዕን።"),
        "pl": ("Angielski dla początkujących", "Mówimy i słuchamy od pierwszego dnia."),
        "zh-Hant-HK": ("初級英文班", "第一天就開始練習聽和說。"),
    },
    "it help": {
        "uk": ("Допомога з комп’ютером і телефоном", "Друк, сканування, пошта, анкети."),
        "zh-Hant-HK": ("電腦及手機幫手", "列印、掃描、電郵、填表，逐個問題解答。"),
    },
    "coding club": {"pl": ("Klub programowania", "Gry i animacje w Scratchu. Komputery są na miejscu.")},
    "health walk": {
        "uk": ("Прогулянка для здоров’я", "Неквапна прогулянка з ведучим, близько трьох кілометрів."),
    },
}  # fmt: skip
"""The title and the text by the tag of the language, for events that somebody has begun to translate."""
