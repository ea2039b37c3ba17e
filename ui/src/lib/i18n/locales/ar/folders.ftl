folders = المجلدات
share-folder = مشاركة مجلد…
share-folder-title = مشاركة مجلد
badge-undecided =
    { $count ->
        [one] قرار واحد ينتظرك
        [two] قراران ينتظرانك
        [few] { $count } قرارات تنتظرك
        [many] { $count } قرارًا ينتظرك
       *[other] { $count } قرار ينتظرك
    }
folders-empty-title = لا مجلدات مشتركة بعد
folders-empty-text = المجلد المشترك هو نفسه على جهاز كل عضو. لكل عضو نسخة كاملة، ولا يخزنها شيء بينهم.
folders-empty-hint = { $modifier } ⇧ N يشارك مجلدًا من أي مكان.

folder-files =
    { $count ->
        [one] ملف واحد
        [two] ملفان
        [few] { $count } ملفات
        [many] { $count } ملفًا
       *[other] { $count } ملف
    }
folder-files-with =
    { $count ->
        [one] ملف واحد مع { $names }
        [two] ملفان مع { $names }
        [few] { $count } ملفات مع { $names }
        [many] { $count } ملفًا مع { $names }
       *[other] { $count } ملف مع { $names }
    }
folder-invited = يدعوك { $name } إلى الانضمام.
folder-paused = متوقف مؤقتًا. لا يصل شيء ولا يخرج حتى تتابع.
folder-removed = لم تعد عضوًا فيه. تبقى ملفاتك.
folder-stopped = متوقف. { $why }
folder-why-disk_full = القرص ممتلئ.
folder-why-usage = مكانه تابع لمجلد مشترك آخر.
folder-why-destination_unwritable = لا يمكن الوصول إلى مكانه أو الكتابة فيه.
folder-conflicts =
    { $count ->
        [one] تعارض واحد يحتاج إليك
        [two] تعارضان يحتاجان إليك
        [few] { $count } تعارضات تحتاج إليك
        [many] { $count } تعارضًا يحتاج إليك
       *[other] { $count } تعارض يحتاج إليك
    }
folder-conflicts-count = التعارضات ({ $count })
folder-deletions =
    { $count ->
        [one] عملية حذف واحدة تنتظرك
        [two] عمليتا حذف تنتظرانك
        [few] { $count } عمليات حذف تنتظرك
        [many] { $count } عملية حذف تنتظرك
       *[other] { $count } عملية حذف تنتظرك
    }
folder-local-changes =
    { $count ->
        [one] تغيير واحد منك يبقى هنا
        [two] تغييران منك يبقيان هنا
        [few] { $count } تغييرات منك تبقى هنا
        [many] { $count } تغييرًا منك يبقى هنا
       *[other] { $count } تغيير منك يبقى هنا
    }
folder-looking = جارٍ النظر في ملفاتك…
folder-alone = لم يشارك مع أحد بعد.
folder-behind =
    { $count ->
        [one] تغيير واحد قادم من { $names }
        [two] تغييران قادمان من { $names }
        [few] { $count } تغييرات قادمة من { $names }
        [many] { $count } تغييرًا قادمًا من { $names }
       *[other] { $count } تغيير قادم من { $names }
    }
folder-behind-bytes = { $size } قادمة من { $names }
folder-behind-away =
    { $count ->
        [one] تغيير واحد يصل عندما يعود الآخرون
        [two] تغييران يصلان عندما يعود الآخرون
        [few] { $count } تغييرات تصل عندما يعود الآخرون
        [many] { $count } تغييرًا يصل عندما يعود الآخرون
       *[other] { $count } تغيير يصل عندما يعود الآخرون
    }
folder-up-to-date = متطابق مع { $names }
folder-nobody-here = لا أحد غيرك حاضر. تخرج تغييراتك عندما يحضرون.
folder-syncing = جارٍ التوافق مع { $names }…

invitation-from = دعوة من { $name }
invitation-title = يدعوك { $name } إلى { $what }
invitation-change = مجلد مشترك: يمكنك تغيير الملفات فيه.
invitation-read = مجلد مشترك: تقرأ فقط. ما تغيره يبقى عندك.
invitation-others = فيه أيضًا: { $names }.
invitation-place = تختار أنت مكانه على هذا الجهاز.
invitation-accept = قبول في…

open-folder = فتح
folder-parts = أجزاء { $name }
folder-part-files = الملفات
folder-part-conflicts = التعارضات
folder-part-people = الأشخاص
folder-part-versions = النسخ
folder-part-settings = الإعدادات
folder-resume = متابعة
folder-files-none = لا شيء فيه بعد. ضع ملفات في المجلد فتكون في طريقها.
folder-files-resting = لا يمكن إظهار شيء ما دام المجلد متوقفًا.
entry-here = هنا
entry-coming = قادم
entry-going = سيحذف
entry-stays-here = يبقى هنا

problem-folder_stopped-fact = توقف هذا المجلد. { $why }
problem-folder_stopped-consequence = ملفاتك كما كانت. ننظر من جديد كل بضع ثوان ونتابع من تلقاء أنفسنا.
problem-folder_removed-fact = لم تعد عضوًا في هذا المجلد.
problem-folder_removed-consequence = تبقى ملفاتك، لكن لا يصل شيء ولا يخرج بعد الآن. يمكنك إزالته من القائمة في إعداداته.
problem-folder_deletions-fact =
    { $count ->
        [one] ملف واحد على وشك الحذف.
        [two] ملفان على وشك الحذف.
        [few] { $count } ملفات على وشك الحذف.
        [many] { $count } ملفًا على وشك الحذف.
       *[other] { $count } ملف على وشك الحذف.
    }
problem-folder_deletions-consequence = حذف أحدهم الكثير دفعة واحدة. لا يحدث شيء من ذلك هنا قبل أن تقرر.
problem-folder_local_changes-fact =
    { $count ->
        [one] تغيير واحد منك لا يصل إلى الآخرين.
        [two] تغييران منك لا يصلان إلى الآخرين.
        [few] { $count } تغييرات منك لا تصل إلى الآخرين.
        [many] { $count } تغييرًا منك لا يصل إلى الآخرين.
       *[other] { $count } تغيير منك لا يصل إلى الآخرين.
    }
problem-folder_local_changes-consequence = أنت هنا تقرأ فقط. التراجع يعيد ما عند الآخرين، وتبقى نسختك في النسخ.
deletions-refuse = إبقاء الملفات
deletions-allow = حذفها
folder-revert = التراجع عن تغييراتي

side-yours = نسختك
side-of = نسخة { $name }
side-present = التي في مكانها
side-kept = الأخرى
keep-mine = إبقاء نسختي
keep-theirs = إبقاء نسخة { $name }
keep-present = إبقاء التي في مكانها
keep-kept = إبقاء الأخرى
keep-both = إبقاء كلتيهما
same-for-others =
    { $count ->
        [one] الشيء نفسه للآخر
        [two] الشيء نفسه للاثنين الآخرين
        [few] الشيء نفسه لـ { $count } أخرى
        [many] الشيء نفسه لـ { $count } أخرى
       *[other] الشيء نفسه لـ { $count } أخرى
    }
conflicts-list = ملفات لها نسختان
conflicts-none = لا تعارضات. إن غير شخصان ملفًا وهما متفرقان، تنتظرك النسختان هنا.
conflict-why = غيرت أنت و{ $name } هذا الملف وأنتما متفرقان.
conflict-why-others = غير شخصان هذا الملف وهما متفرقان.
conflict-why-folder = غير أحدكما هذا الملف بينما أنشأ الآخر مجلدًا باسمه.
conflict-nothing-lost = لا يضيع شيء: ما لا تبقيه يظل في النسخ 30 يومًا.
conflict-copy = حتى تقرر، توجد النسخة الثانية بجانبه باسم { $copy }
decided =
    { $count ->
        [one] تقرر: { $what }.
        [two] تقرر: { $what } وآخر معه.
        [few] تقرر: { $what } وغيره، المجموع { $count }.
        [many] تقرر: { $what } وغيره، المجموع { $count }.
       *[other] تقرر: { $what } وغيره، المجموع { $count }.
    }
decided-both = يبقى الملفان كلاهما.
decided-lost = النسخة الأخرى في النسخ.
preview-text = نص هذه النسخة
preview-image = صورة هذه النسخة
preview-cut = للنص بقية.
preview-folder = مجلد
preview-unshown = لا يمكن إظهار هذا النوع من الملفات هنا. قد يساعدك وقته وحجمه، أو افتح المجلد لترى الاثنين.
preview-nothing = لا يمكن قراءته الآن.
only-here = هنا فقط:

share = مشاركة
share-what = المجلد
share-no-place = لم يختر بعد
share-with = مع
share-nobody = ليس لديك جهات اتصال بعد. يمكنك إدخال أشخاص لاحقًا.
share-versions = النسخ الأقدم
share-versions-about = ما يستبدل أو يحذف يحفظ 30 يومًا.
share-rules = لا يشارك
share-rules-about = نمط في كل سطر كما في ‎.gitignore‎. تسري من اللحظة الأولى على الجميع.
what-may = ما يحق لـ { $name }
may-owner = المالك
may-admin = تغيير الملفات والأشخاص
may-change = يمكنه التغيير
may-read = يقرأ فقط

member-in-step = متطابق
member-syncing = جارٍ التوافق
member-devices =
    { $count ->
        [one] جهاز واحد
        [two] جهازان
        [few] { $count } أجهزة
        [many] { $count } جهازًا
       *[other] { $count } جهاز
    }
member-remove = إزالة { $name } من المجلد
member-remove-about = تبقى عند { $name } الملفات الموجودة هناك، ولا يصله جديد ولا يغير شيئًا عند الآخرين.
people-add = إدخال أشخاص
people-let-in = إدخال
people-all-in = كل جهات اتصالك فيه.
people-not-yours = لا يقرر من ينتمي إليه إلا المالك ومن يدير الأشخاص.

versions-about = ما استبدل أو حذف، أيًا كان من فعل ذلك. يحفظ 30 يومًا.
versions-search = بحث في النسخ
versions-none = لم يستبدل شيء ولم يحذف بعد.
version-restore = استعادة
version-restore-named = استعادة { $what }، استبدل { $when }
version-restored = عاد { $what } كما كان. ما كان مكانه صار في النسخ.

folder-place = مكانه
folder-role = أنت
role-owner = تملكه
role-admin = تغير الملفات والأشخاص
role-change = يمكنك تغيير الملفات
role-read = تقرأ فقط
folder-pause = متوقف مؤقتًا
folder-pause-about = لا يصل شيء ولا يخرج حتى تتابع. ما تغيره في الأثناء يخرج بعد ذلك.
rules-about = لكل من في هذا المجلد. القائمة ملف فيه اسمه ‎.wherryignore‎.
rule-remove = مشاركة { $rule } من جديد
rule-new = نمط آخر
rules-resting = يمكن تغيير القائمة ما دام المجلد يعمل.
folder-notes = ملاحظات
folder-note-watch-limit = لا يراقب النظام مزيدًا من المجلدات، ولذلك تُكتشف التغييرات خلال دقيقة لا في الحال. ارفع قيمتي ‎fs.inotify.max_user_watches‎ و‎fs.inotify.max_user_instances‎.
folder-note-not-watched = تتعذر مراقبة هذا المجلد، ولذلك تُكتشف التغييرات خلال دقيقة لا في الحال. يقول النظام: { $reason }
folder-note-bad-rule = السطر { $line } من قائمة ما لا تجري مشاركته ليس نمطًا. تبقى القائمة السابقة سارية حتى تصححه.
folder-note-long-rules = قائمة ما لا تجري مشاركته أطول مما يجوز. تبقى القائمة السابقة سارية حتى تختصرها.
folder-note-disk-full = القرص ممتلئ. أفرغ بعض المساحة، فيستمر العمل من تلقاء نفسه.
folder-note-stopped = لا يستمر العمل: { $reason }
folder-note-left-out =
    { $count ->
        [one] اسم واحد لا تجري مشاركته، لأنه رابط أو لا تقبله أنظمة أخرى: { $name }
        [two] اسمان لا تجري مشاركتهما، لأنهما رابطان أو لا تقبلهما أنظمة أخرى. أولهما { $name }
        [few] { $count } أسماء لا تجري مشاركتها، لأنها روابط أو لا تقبلها أنظمة أخرى. أولها { $name }
        [many] { $count } اسمًا لا تجري مشاركتها، لأنها روابط أو لا تقبلها أنظمة أخرى. أولها { $name }
       *[other] { $count } اسم لا تجري مشاركتها، لأنها روابط أو لا تقبلها أنظمة أخرى. أولها { $name }
    }
folder-leave = المغادرة
folder-leave-about = لن يبقى المجلد متطابقًا على هذا الجهاز. تبقى كل الملفات، هنا وعند الآخرين.
folder-leave-ask = إيقاف المشاركة هنا…
folder-leave-yes = إيقاف المشاركة

call-invitation = يدعوك { $name } إلى المجلد { $what }.
call-conflict =
    { $count ->
        [one] { $what }: تعارض واحد يحتاج إليك.
        [two] { $what }: تعارضان يحتاجان إليك.
        [few] { $what }: { $count } تعارضات تحتاج إليك.
        [many] { $what }: { $count } تعارضًا يحتاج إليك.
       *[other] { $what }: { $count } تعارض يحتاج إليك.
    }
notice-invitation = افتح Wherry للانضمام أو الرفض.
notice-conflict = تبقى النسختان حتى تقرر.
