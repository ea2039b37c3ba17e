contacts = جهات الاتصال
groups = المجموعات
on-this-network = في هذه الشبكة
choose-who = اختر المستلم
people-keys = أفلت الملفات على شخص، أو بلوحة المفاتيح: Enter لما يمكن إرساله، والمسافة لاختيار عدة أشخاص، والأسهم للتنقل.
people-empty-title = لا أحد هنا بعد
people-empty-text = من تضيفهم يظهرون هنا. أفلت الملفات على أحدهم فتعبر إليه مباشرة.
people-empty-hint = { $modifier } N يضيف جهة اتصال من أي مكان.
show-my-code = إظهار رمزي
enter-a-code = إدخال رمز
nearby-stranger = ليس جهة اتصال بعد
show-me = أظهرني للجميع لمدة 10 دقائق
show-me-text = من ليس من جهات اتصالك في هذه الشبكة لا يرى شيئًا من هذا الجهاز، ولا حتى اسمه.
visible-to-everyone = يرى الجميع في هذه الشبكة { $name } ويمكنهم طلب الإضافة.
visible-left = بقي { $time }
hide-me = أخفني مجددًا
add-named = إضافة { $name }

send-to = إرسال إلى { $name }
send-when-online = الإرسال عندما يتصل { $name }
send-to-group =
    { $count ->
        [one] إرسال إلى شخص واحد
        [two] إرسال إلى شخصين
        [few] إرسال إلى { $count } أشخاص
        [many] إرسال إلى { $count } شخصًا
       *[other] إرسال إلى { $count } شخص
    }
send-files = إرسال ملفات…
send-folder = إرسال مجلد…
send-text = إرسال نص…
send-files-to = إرسال ملفات إلى { $name }…
open-person = عن { $name }
actions-for = ما يمكن فعله مع { $name }

selected = مختار
selection = الاختيار
selection-count =
    { $count ->
        [one] اختير شخص واحد
        [two] اختير شخصان
        [few] اختير { $count } أشخاص
        [many] اختير { $count } شخصًا
       *[other] اختير { $count } شخص
    }
clear-selection = إلغاء الاختيار
make-group = إنشاء مجموعة…
group-name = اسم المجموعة
create-group = إنشاء

standing-key-changed = مفاتيح غير السابقة
standing-blocked = محظور: تظهر له غير متصل
standing-muted = مكتوم
standing-last-here = آخر ظهور: { $day }
standing-not-compared = لم تقارن
standing-compared = قورنت
standing-compared-on = قورنت { $day }
standing-device = { $device }

person-devices = الأجهزة
person-comparison = الكلمات الست
person-rules = عند وصول شيء
person-history = بينكما
person-no-history = لم يرسل شيء بعد في أي اتجاه.
person-gone-title = لم يعد جهة اتصال
person-gone-text = أزيل هذا الشخص هنا أو على جهاز آخر من أجهزتك.
this-device = هذا الجهاز
device-here = حاضر
device-away = غائب

compared-on = قارنت الكلمات الست مع { $name } ({ $day }). لا يستطيع أحد أن يقف بينكما دون أن يلاحظ.
compared = قارنت الكلمات الست مع { $name }. لا يستطيع أحد أن يقف بينكما دون أن يلاحظ.
compare-ask = اسأل { $name } وجهًا لوجه أو بالهاتف هل تظهر هناك الكلمات الست نفسها.
compare-same = إنها نفسها
compare-forget = المقارنة من جديد

rule-relay = عبر وسيط
rule-relay-about = أبدًا: تنتظر عمليات النقل إن لم يوجد طريق مباشر. دائمًا: لا تعرف جهة الاتصال { $name } عناوين هذا الجهاز.
mute = كتم
mute-about = ترفض عروض { $name } دون سؤالك.
block = حظر
block-about = تظهر لـ { $name } غير متصل ولا يدخل شيء.
remove-contact = إزالة جهة الاتصال…
remove-named = إزالة { $name }
remove-contact-about = لن يستطيع { $name } الإرسال إليك ولا أنت إليه. تبقى الملفات المستلمة. للتراجع التقيا برمز جديد.

undo = تراجع
undo-label = التراجع عن الإرسال
undo-what-files =
    { $more ->
        [0] { $first }
        [one] { $first } وواحد آخر
        [two] { $first } واثنان آخران
       *[other] { $first } و{ $more } أخرى
    }
undo-what-text = نص
undo-to-one = إلى { $name }
undo-to-many = إلى عدة أشخاص، العدد { $people }
write-title =
    { $people ->
        [one] نص إلى { $name }
       *[other] نص إلى عدة أشخاص، العدد { $people }
    }
write-label = النص
write-about = يظهر هناك ولا يحفظ من تلقاء نفسه في أي مكان.

add-contact-status = كلاكما يضغط إضافة. لا أحد يستطيع الإرسال قبل ذلك.
show-code-title = أظهر هذا للشخص الآخر
show-code-text = يكتبه أو يمسحه. يعمل مرة واحدة، لمدة 10 دقائق.
code-left = بقي { $time }
code-expired = انتهت صلاحية هذا الرمز.
copy-code = نسخ الرمز
qr-label = رمز QR للدعوة { $code }
enter-code-title = أو أدخل رمزه
enter-code-text = الرمز الخاطئ يستهلك، حفاظًا على الأمان.
enter-code-label = رمز الشخص الآخر
code-shape = الرمز رقم وكلمتان، مثل 4-amber-river.
connect = اتصال
meeting = جارٍ البحث عن الجهاز الآخر…
compare-title = هل يرى { $name } الكلمات نفسها؟
compare-text = قولاها بصوت مسموع، وجهًا لوجه أو بالهاتف.
compare-yes = نعم، إضافة { $name }
compare-no = لا، توقف
compare-skip = تخطي الآن
added-title = أصبح { $name } جهة اتصال
added-text = من الآن يمكن لكل منكما الإرسال إلى الآخر.
to-people = إلى الأشخاص
add-another = إضافة شخص آخر

rename = إعادة التسمية…
rename-title = إعادة تسمية { $name }
rename-label = الاسم
rename-about = أنت وحدك ترى هذا الاسم.
dissolve-group = حل المجموعة
link-other-server = هذا الرمز تابع لخادم آخر: { $server }. حدده في الإعدادات أولًا إن كنت تثق به.

by-code = إرسال برمز
by-code-status = لمن ليس جهة اتصال. الرمز هو المفتاح الوحيد.
by-code-send = إرسال إلى من لديه الرمز
by-code-send-about = قله أو أرسله صورة. يعمل مرة واحدة لمدة 10 دقائق.
by-code-receive = أو استلم برمز
by-code-receive-about = ترى ما سيأتي قبل أن تقبله.
receive = استلام

edit-group = الأعضاء والاسم…
edit-group-title = المجموعة { $name }
group-members = الأعضاء
choose-nobody = لا أحد يمكنه استلامه بعد. أضف جهة اتصال أو أرسل برمز.
link-for-receive = هذا الرابط لاستلام الملفات لا لإضافة أحد. افتحه تحت «إرسال برمز».
link-for-pair = هذا الرابط لإضافة أحد لا لاستلام الملفات. افتحه تحت «إضافة جهة اتصال».
enter-another-code = إدخال رمز آخر
