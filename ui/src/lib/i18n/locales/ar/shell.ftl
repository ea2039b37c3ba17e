app-name = Wherry
window-title = { $screen } · Wherry
places = الأماكن
people = الأشخاص
activity = النشاط
add-contact = إضافة جهة اتصال
settings = الإعدادات
search = بحث
back = رجوع
close = إغلاق
cancel = إلغاء
choose = اختيار…
choose-named = اختيار: { $what }
change-folder = تغيير…
copy = نسخ
copied = تم النسخ
add = إضافة
remove = إزالة
save = حفظ
send = إرسال
more = المزيد
more-named = المزيد عن { $what }
dismiss = إخفاء
skip-to-content = الانتقال إلى المحتوى
visible-to-contacts = ظاهر لجهات الاتصال
visible-nearby = ظاهر في هذه الشبكة
badge-needy =
    { $count ->
        [one] نقل واحد يحتاج إليك
        [two] نقلان يحتاجان إليك
        [few] { $count } عمليات نقل تحتاج إليك
       *[other] { $count } عملية نقل تحتاج إليك
    }

status-connecting = جارٍ الاتصال بالخادم…
status-ready = يمكن لجهات اتصالك الوصول إليك.
status-none = في هذه الشبكة فقط، بلا خادم.
status-lost =
    { $seconds ->
        [one] تعذر الوصول إلى الخادم. الشبكة المحلية تعمل. نحاول مجددًا بعد ثانية.
        [two] تعذر الوصول إلى الخادم. الشبكة المحلية تعمل. نحاول مجددًا بعد ثانيتين.
        [few] تعذر الوصول إلى الخادم. الشبكة المحلية تعمل. نحاول مجددًا بعد { $seconds } ثوانٍ.
       *[other] تعذر الوصول إلى الخادم. الشبكة المحلية تعمل. نحاول مجددًا بعد { $seconds } ثانية.
    }
status-refused = الخادم يرفض هذا الجهاز. الشبكة المحلية تعمل.

path-local = محلي
path-direct = مباشر
path-relay = عبر وسيط
path-searching = بحث
path-here = متاح
path-offline = غير متصل

call-offer =
    { $more ->
        [0] يريد { $name } أن يرسل إليك { $what }.
       *[other] يريد { $name } أن يرسل إليك { $what } و{ $more } معه.
    }
call-progress = { $what }: ‏{ $percent } بالمئة
call-completed = { $what }: تم
call-failed = لم يصل { $what }
call-paused = { $what }: متوقف
call-prepared = { $what }. { $whom }. { $modifier } Z للتراجع.
call-server-lost = تعذر الوصول إلى الخادم. الشبكة المحلية تعمل.
call-server-ready = عاد الاتصال بالخادم.

command-bar = اذهب إلى أو افعل
command-bar-hint = شخص أو مكان أو شيء تفعله
command-none = لا شيء بهذا الاسم.

first-title = الملفات تعبر مباشرة
first-text = من هذا الجهاز إلى من تختارهم، مشفرة طوال الطريق.
first-name = اسم هذا الجهاز
first-name-about = تراه جهات اتصالك.
first-folder = مجلد الملفات المستلمة
first-privacy = بلا حساب وبلا جمع بيانات. لا يغادر هذا الجهاز إلا ما يلزم للقاء جهات اتصالك: يعرف الخادم أن جهازين يبحث أحدهما عن الآخر، ولا يعرف أبدًا ما يرسلانه.
start = ابدأ

status-silent = قد يكون ما تراه قديمًا: المحرك لا يجيب.
status-lost-now = لا يمكن الوصول إلى الخادم. الشبكة المحلية تعمل. جارٍ المحاولة من جديد…
first-server = الخادم (اختياري)
first-server-about = يعرّف الأجهزة التي ليست في شبكة واحدة بعضها ببعض. اسأل من يشغّل خادمك، أو اتركه لاحقًا.
first-join = لديّ Wherry على جهاز آخر
tray-show = إظهار Wherry
tray-status = { $count }، { $percent }
quit = إنهاء Wherry
open-log = فتح مجلد السجل
notice-offer = افتح Wherry للقبول أو الرفض.
notice-show = إظهار
autostart = التشغيل مع النظام
autostart-about = ينتظر Wherry بجانب الساعة، فتصلك الملفات دون أن تفتحه.
