"""The plain words of some services of the demo library in other languages: drafts that nobody has read."""

from __future__ import annotations

WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "advice": {
        "pl": (
            "Porady: pieniądze, mieszkanie, prawa",
            "Doradca słucha i pomaga w sprawach pieniędzy, długów, zasiłków, pracy i mieszkania.\n"
            "Przynieś listy, które Cię martwią. To, co powiesz, zostaje między wami.",
        ),
        "ar": (
            "نصائح عن المال والسكن والحقوق",
            "يستمع إليك مستشار ويساعدك في المال والديون والإعانات والعمل والسكن.\n"
            "أحضر الرسائل التي تقلقك. ما تقوله يبقى بينكم.",
        ),
        "uk": (
            "Поради: гроші, житло, права",
            "Порадник слухає і допомагає з грошима, боргами, виплатами, роботою та житлом.\n"
            "Принесіть листи, які вас турбують. Сказане залишається між вами.",
        ),
        "ti": (
            "ምኽሪ ብዛዕባ ገንዘብን ገዛን መሰልን",
            "ሓደ ኣማኻሪ ይሰምዓኩምን ብዛዕባ ገንዘብ፡ ዕዳ፡ ሓገዝ፡ ስራሕን ገዛን ይሕግዘኩምን።\n"
            "ዘተሓሳስበኩም ደብዳቤታት ሒዝኩም ምጹ። ዝበልኩምዎ ኣብ መንጎኹም ይተርፍ።",
        ),
        "zh-Hant-HK": (
            "金錢、住屋和權利的意見",
            "顧問會聆聽，並協助你處理金錢、債務、福利、工作和住屋問題。\n帶上令你擔心的信件。你說的話只有你們知道。",
        ),
    },
    "esol": {
        "pl": (
            "Kursy angielskiego (ESOL)",
            "Ucz się angielskiego z nauczycielem, dwa razy w tygodniu, od pierwszego słowa.\n"
            "Najpierw rozmawiasz z nauczycielem, który znajdzie dla Ciebie grupę.",
        ),
        "ar": (
            "دروس اللغة الإنجليزية (ESOL)",
            "تعلّم الإنجليزية مع معلم مرتين في الأسبوع، من الكلمة الأولى.\n"
            "تتحدث أولاً مع المعلم، وهو يجد لك الصف المناسب.",
        ),
        "uk": (
            "Курси англійської (ESOL)",
            "Вивчайте англійську з учителем двічі на тиждень, від першого слова.\n"
            "Спочатку ви говорите з учителем, і він знайде для вас групу.",
        ),
        "ti": (
            "ትምህርቲ እንግሊዝኛ (ESOL)",
            "ምስ መምህር ኣብ ሰሙን ክልተ ግዜ እንግሊዝኛ ተማሃሩ፡ ካብ ናይ መጀመርታ ቃል ጀሚርኩም።\n"
            "ቅድም ምስ መምህር ትዘራረቡ፡ ንሱ ድማ ዝሰማማዕ ክፍሊ ይረኽበልኩም።",
        ),
        "zh-Hant-HK": (
            "英語班（ESOL）",
            "每星期兩次跟老師學英語，由第一個字學起。\n你先和老師談談，老師會為你找合適的班。",
        ),
    },
    "chat": {
        "pl": (
            "Chat and Chill",
            "Spotkaj innych przy herbacie i rozmawiaj z nimi po angielsku. Błędy są mile widziane.\n"
            "W każdy piątek rano w bibliotece. Dzieci mogą przyjść z Tobą.",
        ),
        "ar": (
            "Chat and Chill: دردشة بالإنجليزية",
            "تعرّف على أناس آخرين مع كوب شاي وتحدث معهم بالإنجليزية. الأخطاء مرحب بها.\n"
            "كل يوم جمعة صباحاً في المكتبة. يمكن للأطفال المجيء معك.",
        ),
        "uk": (
            "Chat and Chill: розмови англійською",
            "Знайомтеся з людьми за чаєм і говоріть з ними англійською. Помилятися можна.\n"
            "Щоп'ятниці вранці в бібліотеці. Діти можуть прийти з вами.",
        ),
        "ti": (
            "Chat and Chill: ዕላል ብእንግሊዝኛ",
            "ምስ ካልኦት ሰባት ሻሂ እናሰተኹም ብእንግሊዝኛ ተዛረቡ። ምግጋይ ጸገም የብሉን።\nኩሉ ዓርቢ ንግሆ ኣብ ቤተ-መጻሕፍቲ። ቆልዑ ምሳኹም ክመጹ ይኽእሉ።",
        ),
        "zh-Hant-HK": (
            "Chat and Chill 英語傾談",
            "一邊喝茶，一邊和其他人說英語。說錯也歡迎。\n逢星期五早上在圖書館。小朋友可以一起來。",
        ),
    },
    "calls": {
        "pl": (
            "Przyjazne telefony",
            "Ktoś dzwoni do Ciebie co tydzień, żeby porozmawiać. Zawsze ta sama osoba.\n"
            "Możesz zrezygnować w każdej chwili.",
        ),
        "ar": (
            "مكالمات ودية",
            "يتصل بك شخص كل أسبوع للحديث معك. إنه دائماً الشخص نفسه.\nيمكنك التوقف في أي وقت.",
        ),
        "uk": (
            "Дружні дзвінки",
            "Хтось телефонує вам щотижня, щоб поговорити. Це завжди та сама людина.\n"
            "Ви можете припинити будь-коли.",
        ),
        "ti": (
            "ምሕዝነታዊ ደወላት",
            "ሓደ ሰብ ኩሉ ሰሙን ክዛረበኩም ይድውል። ኩሉ ግዜ እቲ ሓደ ሰብ እዩ።\nኣብ ዝደለኹምዎ ግዜ ከተቋርጹ ትኽእሉ።",
        ),
        "zh-Hant-HK": ("友善電話", "每星期有人打電話和你傾談。每次都是同一個人。\n你可以隨時停止。"),
    },
    "befriending": {
        "pl": (
            "Przyjaciel dla nowo przybyłych",
            "Ktoś, kto zna miasto, idzie z Tobą: do lekarza, szkoły, banku.\n"
            "Spotykacie się co tydzień, tak długo, jak potrzebujesz.",
        ),
        "ar": (
            "صديق للقادمين الجدد",
            "شخص يعرف المدينة يذهب معك: إلى الطبيب والمدرسة والبنك.\nتلتقيان كل أسبوع ما دمت تحتاج إلى ذلك.",
        ),
        "uk": (
            "Друг для новоприбулих",
            "Людина, яка знає місто, іде з вами: до лікаря, школи, банку.\n"
            "Ви зустрічаєтеся щотижня, скільки вам потрібно.",
        ),
        "ti": (
            "ዓርኪ ንሓደስቲ መጻእቲ",
            "ነታ ከተማ ዝፈልጥ ሰብ ምሳኹም ይኸይድ፡ ናብ ሓኪም፡ ቤት ትምህርቲ፡ ባንክ።\nክሳብ ዘድልየኩም ኩሉ ሰሙን ትራኸቡ።",
        ),
        "zh-Hant-HK": (
            "新來者的朋友",
            "熟悉這個城市的人陪你去看醫生、去學校、去銀行。\n你們每星期見面，直到你不再需要。",
        ),
    },
    "refugees": {
        "pl": (
            "Pomoc dla uchodźców",
            "Pomoc w sprawach mieszkania, szkoły, zdrowia i pieniędzy dla osób, które musiały uciekać.\n"
            "Są tu także ubrania, pieluchy i bilety na autobus.",
        ),
        "ar": (
            "دعم اللاجئين",
            "مساعدة في السكن والمدرسة والصحة والمال لمن اضطروا إلى الهرب.\n"
            "توجد هنا أيضاً ملابس وحفاضات وتذاكر حافلات.",
        ),
        "uk": (
            "Підтримка біженців",
            "Допомога з житлом, школою, здоров'ям і грошима для тих, хто мусив тікати.\n"
            "Тут є також одяг, підгузки й квитки на автобус.",
        ),
        "ti": (
            "ደገፍ ንስደተኛታት",
            "ንዝሃደሙ ሰባት ብገዛ፡ ትምህርቲ፡ ጥዕናን ገንዘብን ሓገዝ።\nክዳውንቲ፡ ዳይፐርን ቲኬት ኣውቶቡስን እውን ኣሎ።",
        ),
        "zh-Hant-HK": (
            "難民支援",
            "為被迫逃離家園的人提供住屋、上學、健康和金錢方面的協助。\n這裡也有衣服、尿片和巴士票。",
        ),
    },
}
"""By the short name of the service and the tag of the language: what it is called, and its words."""
