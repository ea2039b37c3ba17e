problems = المشكلات
problems-more =
    { $count ->
        [one] إظهار واحدة أخرى
        [two] إظهار اثنتين أخريين
       *[other] إظهار { $count } أخرى
    }
problems-fewer = إظهار أقل
problem-action-open-settings = إلى الإعدادات
problem-action-open-person = المقارنة من جديد
problem-action-retry = إعادة المحاولة
problem-action-resume = متابعة

problem-internal-fact = حدث خطأ في Wherry نفسه.
problem-internal-consequence = ما نقل من قبل محفوظ. إن تكرر فأعد تشغيل Wherry.
problem-usage-fact = هذا غير ممكن.
problem-usage-consequence = لم يتغير شيء.
problem-declined-fact =
    { $known ->
        [no] رفض الطرف الآخر.
       *[yes] رفض { $name }.
    }
problem-declined-consequence = لم يرسل شيء. لا نسأل ثانية من تلقاء أنفسنا.
problem-wrong_code-fact = هذا الرمز لا يطابق.
problem-wrong_code-consequence = استهلك حفاظًا على الأمان. اطلب رمزًا جديدًا.
problem-expired_code-fact = لم يعد هذا الرمز صالحًا.
problem-expired_code-consequence = يعمل الرمز مرة واحدة لمدة 10 دقائق. اطلب رمزًا جديدًا.
problem-too_many_attempts-fact = رموز خاطئة كثيرة.
problem-too_many_attempts-consequence = يطلب الخادم استراحة. حاول بعد دقائق.
problem-pairing_stopped-fact = أوقفت الإضافة.
problem-pairing_stopped-consequence = لم يضف أحد. ابدأ من جديد برمز جديد.
problem-unknown_contact-fact = لا جهة اتصال بهذا الاسم.
problem-unknown_contact-consequence = ربما أزيلت على جهاز آخر من أجهزتك.
problem-unknown_transfer-fact = لم يعد هذا النقل موجودًا.
problem-unknown_transfer-consequence = انتهى أو أزيل. يظهر النشاط ما آل إليه.
problem-contact_offline-fact =
    { $known ->
        [no] الطرف الآخر غير متصل.
       *[yes] { $name } غير متصل.
    }
problem-contact_offline-consequence = لم يضع شيء. نتابع عندما يحضر الطرفان.
problem-server_unreachable-fact = تعذر الوصول إلى الخادم، والشبكة المحلية تعمل.
problem-server_unreachable-consequence = نواصل المحاولة. نصل إلى البعيدين حالما يجيب.
problem-server_refused-fact = الخادم يرفض هذا الجهاز.
problem-server_refused-consequence = قد يلزم تحديث أو خادم آخر. الشبكة المحلية تعمل.
problem-no_path-fact = لا طريق مباشر ولا وسيط.
problem-no_path-consequence = شبكتاكما تمنعان الاتصال المباشر، وهذا الخادم لا يقدم وسيطًا. تكفي شبكة أخرى لدى أحد الطرفين.
problem-relay_budget-fact = لا طريق مباشر، وقد استُهلك ما يسمح بمروره عبر الوسطاء هذا الشهر.
problem-relay_budget-consequence = لم يضع شيء. يستمر النقل عندما يوجد طريق مباشر، أو في الشهر القادم، أو عندما تسمح بالمزيد.
problem-hosting_failed-fact = لا يمكن أن يكون هذا الجهاز هو الخادم.
problem-hosting_failed-consequence = منفذه مشغول أو لا يُسمح بفتحه. الأجهزة التي لا تعرف خادمًا آخر تلتقي في الشبكة المحلية فقط.
problem-peer_violation-fact =
    { $known ->
        [no] لم يلتزم الطرف الآخر بالقواعد.
       *[yes] لم يلتزم جهاز { $name } بالقواعد.
    }
problem-peer_violation-consequence = أوقف النقل حفاظًا على الأمان. قد يفيد تحديث هناك.
problem-integrity-fact = وصلت البيانات تالفة مرارًا.
problem-integrity-consequence = لم يحفظ شيء تالف. الأرجح عطل في جهاز شبكة أو قرص.
problem-disk_full-fact = لا مساحة كافية لدى المستلم.
problem-disk_full-consequence = ما وصل يبقى. أفرغ مساحة ثم تابع.
problem-destination_unwritable-fact = لا يمكن الكتابة في المجلد.
problem-destination_unwritable-consequence = لم يحفظ شيء. اختر مجلدًا آخر في الإعدادات.
problem-source_unreadable-fact = ملف لا يمكن قراءته أو اختفى.
problem-source_unreadable-consequence = لم يرسل الباقي. تحقق من وجوده ثم أعد المحاولة.
problem-source_changed-fact = ظل ملف يتغير أثناء إرساله.
problem-source_changed-consequence = أغلق البرنامج الذي يكتبه ثم أعد المحاولة.
problem-bad_name-fact = اسم لا يمكن حفظه هنا.
problem-bad_name-consequence = اطلبه باسم آخر أو مضغوطًا في ملف واحد.
problem-cancelled-fact = ألغي.
problem-cancelled-consequence = لم يحفظ شيء ناقص.
problem-home_busy-fact = يعمل Wherry من قبل.
problem-home_busy-consequence = استخدم النافذة المفتوحة أو أنه الآخر أولًا.
problem-home_unusable-fact = لا يستطيع Wherry استخدام مجلده.
problem-home_unusable-consequence = ربما يملكه شخص آخر أو إصدار أحدث.
problem-identity_copied-fact = هذا الجهاز موجود مرتين.
problem-identity_copied-consequence = نسخة منه تعمل في مكان آخر. اجعل أحدهما جهازًا جديدًا في الإعدادات.
problem-timed_out-fact = لم يحدث شيء في الوقت المسموح.
problem-timed_out-consequence = لم يجب الجهاز الآخر. أعد المحاولة عندما يحضر الطرفان.

problem-key_changed-fact = هذا ليس { $name } الذي تعرفه.
problem-key_changed-consequence = المفاتيح غير التي قارنتها. لا يرسل شيء. إن كان لدى { $name } جهاز جديد فقارنا من جديد.
problem-contact_copied-fact = يبدو أن { $name } موجود مرتين.
problem-contact_copied-consequence = جهازان بالمفاتيح نفسها، أو حبس الخادم رسائل. اسأل { $name }.
problem-contact_muted-fact = { $name } مكتوم لمدة { $duration }.
problem-contact_muted-consequence = رفضت عدة مرات متتالية. ترفض العروض حتى ذلك الحين.
problem-this_device_revoked-fact = أزيل هذا الجهاز من أجهزتك.
problem-this_device_revoked-consequence = غادر الخادم ولم يعد يرسل شيئًا.
problem-device_added-fact =
    { $known ->
        [no] لديك جهاز جديد: { $name }.
       *[yes] جهاز جديد: { $name }.
    }
problem-device_added-consequence = سجله أحد الأجهزة المعروفة. إن لم يفعل أحد ذلك فأزله.
problem-device_revoked-fact = أزيل { $name } من أجهزة صاحبه.
problem-device_revoked-consequence = لا يرسل إليه شيء بعد الآن.
problem-setting-fact = إعداد غير مسموح: { $setting }.
problem-setting-consequence = يبقى هذا الجهاز غير متصل حتى يصحح.

problem-engine_silent-fact = قد يكون ما تراه قديمًا.
problem-engine_silent-consequence = الجزء الذي ينقل الملفات من Wherry لا يجيب. ما نُقل آمن، ونسأل من جديد كل بضع ثوان.
problem-action-ask-again = السؤال الآن
problem-action-open-code = إدخال رمز
problem-action-open-log = فتح مجلد السجل

problem-preflight-fact = لن يصل كل شيء كما هو.
problem-preflight-consequence = تقول قائمة الملفات ما هو ولماذا. لم ينقل شيء بعد: تابع أو ألغِ.
