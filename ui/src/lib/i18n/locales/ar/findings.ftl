section-network-examination = هل الشبكة سليمة؟
examination-about = يفحص شبكات هذا الجهاز والخادم والوسطاء. يستغرق حتى نصف دقيقة ولا يرسل شيئًا إلى أحد.
examination-start = افحص الآن
examination-again = افحص مرة أخرى
examination-runs = جارٍ الفحص…
examination-good = لا شيء يعيق.
examination-limited = النقل يعمل، وبعضه أبطأ أو غير مباشر.
examination-bad = شيء ما يمنع النقل.
examination-copy = انسخ التقرير
examination-results = ما وُجد

verdict-good = سليم
verdict-limited = محدود
verdict-bad = لا يعمل
verdict-unknown = غير معروف

finding-only-direct = لا يمكن الوصول إلى الأجهزة التي ليس لها طريق مباشر إلى هذا الجهاز.
finding-nobody-outside = لا يمكن الوصول إلى الأجهزة في الشبكات الأخرى.

finding-both-families-fact = لدى هذا الجهاز IPv4 وIPv6.
finding-only-v4-fact = لدى هذا الجهاز IPv4 وليس لديه IPv6.
finding-only-v6-fact = لدى هذا الجهاز IPv6 وليس لديه IPv4.
finding-only-v6-consequence = يُوصَل إلى الأجهزة التي لديها IPv4 فقط عبر وسيط.
finding-no-address-fact = ليس لهذا الجهاز عنوان شبكة.
finding-no-address-consequence = لا يمكن إرسال شيء أو استلامه.
finding-no-address-advice = صِله بشبكة.

finding-lan-open-fact = { $value ->
    [0] تجد جهات الاتصال في الشبكة نفسها هذا الجهاز؛ لا أحد منها هنا الآن.
    [one] تجد جهات الاتصال في الشبكة نفسها هذا الجهاز؛ واحدة منها هنا الآن.
   *[other] تجد جهات الاتصال في الشبكة نفسها هذا الجهاز؛ عدد الموجود منها الآن { $value }.
  }
finding-lan-closed-fact = الإعدادات لا تسمح لأحد في الشبكة نفسها بأن يجد هذا الجهاز.
finding-lan-closed-consequence = لا تُلتقى جهات الاتصال في الشبكة نفسها إلا عبر الخادم.
finding-lan-closed-advice = اسمح بذلك في إعدادات الشبكة المحلية.
finding-lan-shut-fact = لا يمكن الاستماع في الشبكة المحلية.
finding-lan-shut-consequence = لا تُلتقى جهات الاتصال في الشبكة نفسها إلا عبر الخادم.
finding-lan-shut-advice = اسمح بدخول UDP إلى المنفذ 5353 وTCP إلى المنفذ 7421 في جدار حماية هذا الجهاز.
finding-multicast-answered-fact = البث المتعدد يعمل: أجهزة أخرى في هذه الشبكة تجيب.
finding-multicast-unanswered-fact = يُرسل البث المتعدد ويُسمع هنا؛ ولم يجب جهاز آخر في هذه الشبكة.
finding-multicast-blocked-fact = البث المتعدد محجوب: هذا الجهاز لا يسمع نفسه.
finding-multicast-blocked-consequence = لا تجد جهات الاتصال في الشبكة نفسها هذا الجهاز من دون الخادم.
finding-multicast-blocked-advice = اسمح بمرور UDP إلى المنفذ 5353 دخولًا وخروجًا في جدار حماية هذا الجهاز.

finding-no-proxy-fact = لا يُستخدم وكيل.
finding-http-proxy-set-fact = الإعدادات تحدد وكيل HTTP.
finding-socks-proxy-set-fact = الإعدادات تحدد وكيل SOCKS 5.
finding-http-proxy-found-fact = بيئة النظام تحدد وكيل HTTP.
finding-socks-proxy-found-fact = بيئة النظام تحدد وكيل SOCKS 5.

finding-no-server-fact = لم يُحدَّد خادم تعارف.
finding-no-server-consequence = لا يمكن لقاء أحد خارج الشبكة المحلية.
finding-no-server-advice = حدّد خادمًا في الإعدادات.
finding-server-answers-fact = يجيب الخادم خلال { $value } م.ث.
finding-server-unreachable-fact = لا يمكن الوصول إلى الخادم.
finding-server-unreachable-consequence = لا يمكن لقاء أحد خارج الشبكة المحلية.
finding-server-unreachable-advice = تحقق من عنوان الخادم، وهل تتطلب هذه الشبكة وكيلًا.
finding-server-behind-proxy-fact = الوكيل لا يوصل إلى الخادم.
finding-server-behind-proxy-consequence = لا يمكن لقاء أحد خارج الشبكة المحلية.
finding-server-behind-proxy-advice = تحقق من الوكيل في الإعدادات.
finding-server-not-trusted-fact = شهادة الخادم غير موثوق بها.
finding-server-not-trusted-consequence = لا يمكن لقاء أحد خارج الشبكة المحلية.
finding-server-not-trusted-advice = تحقق من شهادة الخادم، أو اسأل من يديره.
finding-server-not-ours-fact = ما يجيب على عنوان الخادم ليس خادم تعارف.
finding-server-not-ours-consequence = لا يمكن لقاء أحد خارج الشبكة المحلية.
finding-server-not-ours-advice = تحقق من عنوان الخادم.

finding-clock-agrees-fact = الساعة توافق ساعة الخادم.
finding-clock-ahead-fact = الساعة متقدمة على ساعة الخادم بدقائق عددها { $value }.
finding-clock-ahead-consequence = قد تُعد الشهادات والرموز منتهية.
finding-clock-ahead-advice = اضبط الساعة.
finding-clock-behind-fact = الساعة متأخرة عن ساعة الخادم بدقائق عددها { $value }.
finding-clock-behind-consequence = قد تُعد الشهادات والرموز منتهية.
finding-clock-behind-advice = اضبط الساعة.
finding-clock-far-ahead-fact = الساعة متقدمة على ساعة الخادم بأكثر من يوم.
finding-clock-far-ahead-consequence = لا يُعثر على جهات الاتصال.
finding-clock-far-ahead-advice = اضبط الساعة.
finding-clock-far-behind-fact = الساعة متأخرة عن ساعة الخادم بأكثر من يوم.
finding-clock-far-behind-consequence = لا يُعثر على جهات الاتصال.
finding-clock-far-behind-advice = اضبط الساعة.

finding-udp-works-fact = يخرج UDP: يجيب خادم STUN خلال { $value } م.ث.
finding-no-stun-server-fact = لا يُعرف خادم STUN.
finding-no-stun-server-consequence = قد لا يُوصَل إلى الأجهزة في الشبكات الأخرى إلا عبر وسيط.
finding-no-stun-server-advice = حدّد واحدًا في الإعدادات.
finding-udp-blocked-fact = UDP محجوب: لا يجيب أي خادم STUN.
finding-udp-blocked-consequence = يجري النقل عبر وسيط بواسطة TCP، وبسرعة أقل.
finding-udp-blocked-advice = اسمح بخروج UDP في جدار حماية هذه الشبكة.

finding-no-nat-fact = لا توجد ترجمة عناوين (NAT) أمام هذا الجهاز.
finding-nat-one-address-fact = يُظهر الموجّه هذا الجهاز للجميع بعنوان واحد.
finding-nat-symmetric-fact = يُظهر الموجّه هذا الجهاز لكل وجهة بعنوان آخر (NAT متماثل).
finding-nat-symmetric-consequence = يُوصَل إلى الأجهزة خلف موجّه كهذا أو خلف موجّه صارم عبر وسيط.
finding-nat-symmetric-advice = حيث تهم السرعة، استخدم شبكة بموجّه آخر.
finding-nat-unknown-fact = توجد ترجمة عناوين (NAT)؛ وخادم STUN واحد لا يكفي لمعرفة نوعها.
finding-nat-unknown-consequence = قد لا يُوصَل إلى الأجهزة خلف موجّهات صارمة إلا عبر وسيط.
finding-filter-open-fact = يجوز للجميع في الخارج أن يجيبوا على العنوان الذي لهذا الجهاز هناك.
finding-filter-address-fact = لا يجيب إلا من كتب إليه هذا الجهاز، ومن أي منفذ لديه.
finding-filter-port-fact = لا يجيب إلا من كتب إليه هذا الجهاز، ومن المنفذ نفسه فقط.

finding-relay-reached-fact = يُوصَل إلى وسيط بواسطة { $transport } خلال { $value } م.ث.
finding-relay-not-reached-fact = لا يُوصَل إلى أي وسيط بواسطة { $transport }.
finding-relay-not-reached-consequence = ما يحتاج إلى وسيط يسلك طريقًا آخر إليه إن وُجد.
finding-relay-unwanted-fact = الإعدادات لا تريد وسيطًا.
finding-relay-unwanted-advice = اسمح بالوسطاء في الإعدادات.
finding-relay-unknown-fact = لا يُعرف الوسطاء من دون الخادم.
finding-no-relay-fact = لا يذكر الخادم وسيطًا صالحًا.
finding-no-relay-advice = اطلب وسيطًا ممن يدير الخادم.
finding-no-relay-reached-fact = لا يُوصَل إلى أي وسيط بأي طريق.
finding-no-relay-reached-advice = اسمح بخروج TCP إلى المنفذ 443 في جدار حماية هذه الشبكة.

finding-contact-direct-fact = هناك اتصال مباشر مع جهة الاتصال هذه.
finding-contact-relayed-fact = هناك اتصال مع جهة الاتصال هذه عبر وسيط.
finding-contact-relayed-consequence = قد يكون النقل أبطأ مما هو على طريق مباشر.
finding-contact-blocked-fact = جهة الاتصال هذه محظورة.
finding-contact-blocked-consequence = هذا الجهاز غير موجود أبدًا بالنسبة إليها.
finding-contact-blocked-advice = ألغِ حظرها.
finding-contact-unknown-fact = لا يُعرف من دون الخادم هل جهة الاتصال هذه موجودة.
finding-contact-unknown-consequence = تُلتقى من جديد عندما يُوصَل إلى الخادم.
finding-contact-away-fact = جهة الاتصال هذه غير موجودة: لا جهاز من أجهزتها متصل.
finding-contact-away-consequence = النقل إليها ينتظر.
finding-contact-away-advice = اطلب أن يُفتح Wherry هناك وأن تُفحص الشبكة هناك بالطريقة نفسها.
finding-contact-here-fact = جهة الاتصال هذه موجودة.
finding-contact-no-path-fact = جهة الاتصال هذه موجودة، ولم يُعثر على طريق إليها.
finding-contact-no-path-consequence = النقل إليها ينتظر.
finding-contact-no-path-advice = افحص الشبكة على جهازها بالطريقة نفسها: إحدى الشبكتين لا تمرر شيئًا.
finding-contact-no-path-unwanted-fact = جهة الاتصال هذه موجودة، ولم يُعثر على طريق مباشر، والوسطاء غير مرغوبين.
finding-contact-no-path-unwanted-consequence = النقل إليها ينتظر.
finding-contact-no-path-unwanted-advice = اسمح بالوسطاء لجهة الاتصال هذه أو في الإعدادات.
finding-contact-no-path-no-relay-fact = جهة الاتصال هذه موجودة، ولم يُعثر على طريق مباشر، ولا يُعرف وسيط.
finding-contact-no-path-no-relay-consequence = النقل إليها ينتظر.
finding-contact-no-path-no-relay-advice = اطلب وسيطًا ممن يدير الخادم.
