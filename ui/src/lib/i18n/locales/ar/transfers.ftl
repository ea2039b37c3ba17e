transfers = عمليات النقل
amount = { $part } من { $whole }
pace = { $speed }، { $left }
left-moment = بقيت ثوانٍ قليلة
left-second =
    { $count ->
        [few] بقيت { $count } ثوانٍ
       *[other] بقيت { $count } ثانية
    }
left-minute =
    { $count ->
        [one] بقيت دقيقة تقريبًا
        [two] بقيت دقيقتان تقريبًا
        [few] بقيت { $count } دقائق تقريبًا
       *[other] بقيت { $count } دقيقة تقريبًا
    }
left-hour =
    { $count ->
        [one] بقيت ساعة تقريبًا
        [two] بقيت ساعتان تقريبًا
        [few] بقيت { $count } ساعات تقريبًا
       *[other] بقيت { $count } ساعة تقريبًا
    }
duration-moment = ثوانٍ قليلة
duration-second =
    { $count ->
        [few] { $count } ثوانٍ
       *[other] { $count } ثانية
    }
duration-minute =
    { $count ->
        [one] دقيقة
        [two] دقيقتين
        [few] { $count } دقائق
       *[other] { $count } دقيقة
    }
duration-hour =
    { $count ->
        [one] ساعة
        [two] ساعتين
        [few] { $count } ساعات
       *[other] { $count } ساعة
    }
somebody = الطرف الآخر
dock-count =
    { $moving ->
        [0] عمليات النقل: { $count }، لا شيء يتحرك
       *[other] عمليات النقل: { $count }، يتحرك منها { $moving }
    }

transfer-preparing = جارٍ النظر في الملفات
transfer-waiting-for-peer = بانتظار اتصال { $name }
transfer-waiting-for-code = بانتظار من لديه رمزك
transfer-queued =
    { $ahead ->
        [0] في الدور
        [one] في الدور، قبله واحد
        [two] في الدور، قبله اثنان
       *[other] في الدور، قبله { $ahead }
    }
transfer-waiting-for-answer = بانتظار قبول { $name }
transfer-checking = التحقق مما لدى { $name }
transfer-checking-here = التحقق مما هو هنا
transfer-sending = إرسال إلى { $name }، { $path }
transfer-receiving = استلام من { $name }، { $path }
transfer-verifying = تحقق
transfer-paused-here = أوقفته أنت
transfer-paused-there = أوقفه { $name }
transfer-paused-disk-full = متوقف، لا مساحة لدى المستلم
transfer-paused-peer-offline = متوقف، { $name } غير متصل، يتابع من تلقاء نفسه
transfer-paused-stalled = متوقف، الاتصال لا يأتي بشيء. نواصل المحاولة.
transfer-paused-relay-budget = متوقف، استُهلك ما يسمح بمروره عبر الوسطاء هذا الشهر.
transfer-delivered = تم، وصل إلى { $name }
transfer-received = تم، من { $name }
transfer-cancelled = ألغي
transfer-failed = لم يصل

progress-of = تقدم { $what }
files = الملفات
files-of = ملفات { $what }
files-unknown = قائمة الملفات غير معروفة هنا.
entry-done = وصل
entry-moving = يتحرك
entry-waiting = ينتظر
entry-left-out = تُرك
pause = إيقاف مؤقت
pause-named = إيقاف { $what } مؤقتًا
resume = متابعة
resume-named = متابعة { $what }
cancel-named = إلغاء { $what }
retry = إعادة المحاولة
retry-named = إعادة محاولة { $what }
forget = إزالة من القائمة
forget-named = إزالة { $what } من القائمة
show-in-folder = إظهار في المجلد
show-in-folder-named = إظهار { $what } في مجلده
pause-all = إيقاف الكل
resume-all = متابعة الكل
go-first = الإرسال أولًا
go-last = الإرسال أخيرًا
limit-to = حتى { $rate }
no-limit = بأقصى سرعة

skipped-link = ترك: لا تتبع الروابط
skipped-special = ترك: ليس ملفًا ولا مجلدًا
skipped-name = ترك: اسمه لا يمكن نقله
skipped-unreadable = ترك: لا يمكن قراءته
skipped-gone = ترك: اختفى
skipped-kind-changed = ترك: صار شيئًا آخر
skipped-keeps-changing = ترك: ظل يتغير
skipped-changed-resent = تغير أثناء الإرسال ويرسل من جديد

incoming-from = ملفات من { $name }
offer-title = يريد { $name } أن يرسل إليك شيئًا، { $size }
offer-title-files =
    { $files ->
        [one] يريد { $name } أن يرسل إليك ملفًا، { $size }
        [two] يريد { $name } أن يرسل إليك ملفين، { $size }
        [few] يريد { $name } أن يرسل إليك { $files } ملفات، { $size }
        [many] يريد { $name } أن يرسل إليك { $files } ملفًا، { $size }
       *[other] يريد { $name } أن يرسل إليك { $files } ملف، { $size }
    }
offer-title-folders =
    { $folders ->
        [one] يريد { $name } أن يرسل إليك مجلدًا فارغًا
        [two] يريد { $name } أن يرسل إليك مجلدين فارغين
        [few] يريد { $name } أن يرسل إليك { $folders } مجلدات فارغة
        [many] يريد { $name } أن يرسل إليك { $folders } مجلدًا فارغًا
       *[other] يريد { $name } أن يرسل إليك { $folders } مجلد فارغ
    }
offer-title-both = يريد { $name } أن يرسل إليك { $files ->
        [one] ملفًا
        [two] ملفين
        [few] { $files } ملفات
        [many] { $files } ملفًا
       *[other] { $files } ملف
    } و{ $folders ->
        [one] مجلدًا
        [two] مجلدين
        [few] { $folders } مجلدات
        [many] { $folders } مجلدًا
       *[other] { $folders } مجلد
    }، { $size }
offer-title-text = يريد { $name } أن يرسل إليك نصًا
offer-into = إلى { $folder }
trust-compared = قورنت
trust-not-compared = لم تقارن
trust-new = شخص جديد
executable = قابل للتشغيل
and-more =
    { $count ->
        [one] وواحد آخر
        [two] واثنان آخران
       *[other] و{ $count } أخرى
    }
space-left = المتاح { $size }
space-short = المتاح { $size } فقط
accept = قبول
decline = رفض
accept-always = القبول دائمًا من { $name }
text-from = أرسل إليك { $name } نصًا

activity-now = الآن
activity-past = من قبل
activity-empty-title = لم يتحرك شيء بعد
activity-empty-text = كل ما ترسله وتستلمه يظهر هنا، مع إيصال وقّعه الطرفان.
activity-empty-hint = { $modifier } 1 يقود إلى الأشخاص.
history-search = بحث بالاسم
history-clear = نسيان الكل
history-none = لا شيء يطابق «{ $wanted }».
history-text = نص
history-files =
    { $more ->
        [0] { $what }
        [one] { $what } وواحد آخر
        [two] { $what } واثنان آخران
       *[other] { $what } و{ $more } أخرى
    }
history-incoming = من { $name }، { $path }
history-outgoing = إلى { $name }، { $path }
receipt = إيصال
receipt-of = إيصال { $what }
receipt-contents =
    { $count ->
        [one] ملف واحد، { $size }
        [two] ملفان، { $size }
        [few] { $count } ملفات، { $size }
        [many] { $count } ملفًا، { $size }
       *[other] { $count } ملف، { $size }
    }
receipt-sender = المرسل
receipt-receiver = المستلم
receipt-proof = وقّع الجهازان على هذا. البصمة واحدة لدى الطرفين وتشمل كل بايت.
copy-digest = نسخ البصمة

skipped-name-refused = ترك: النظام المستلم لا يستطيع حفظ اسمه
stored-as = حفظ باسم { $name }، كان الاسم مأخوذًا

skipped-program-refused = تُرك: إنه برنامج، والمستلم لا يأخذ برامج
receipts = الإيصالات
receipts-empty = لا إيصالات بعد. كل ما يصل يحصل على إيصال يوقعه الطرفان.
receipts-about = وقّعها الجهازان. ويستطيع أي أحد التحقق من إيصال بملفه وحده.
receipt-between = من { $sender } إلى { $receiver }
receipt-show = إظهار
receipt-save = حفظ الإيصال…
receipt-saved = حُفظ.
history-empty = لا شيء محفوظ من قبل.
history-clear-about = تُفرغ القائمة هنا فقط. وتبقى الملفات والإيصالات.

skipped-clash = تُرك: اسم بجانبه يطابقه هناك
skipped-too-long = تُرك: اسمه أو مساره طويل جدًا
transfer-paused-disk-failed = متوقف، لا يمكن الكتابة في المجلد هناك
transfer-paused-problem = بانتظارك: لن يصل كل شيء كما هو
preflight-renamed = سيسمى هناك { $name }
preflight-taken-keep-both = الاسم مأخوذ هناك: يبقى الاثنان
preflight-taken-skip = موجود أصلًا: لا ينقل ثانية إن كان مطابقًا
preflight-taken-replace = الاسم مأخوذ هناك: يتنحى الأقدم
preflight-no-space = ينقص هناك { $missing }
preflight-more =
    { $count ->
        [one] وواحد آخر من نوعه
        [two] واثنان آخران من نوعه
        [few] و{ $count } أخرى من نوعه
        [many] و{ $count } أخرى من نوعه
       *[other] و{ $count } أخرى من نوعه
    }
