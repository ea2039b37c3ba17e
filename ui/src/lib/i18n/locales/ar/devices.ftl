devices-title = إضافة جهاز من أجهزتك
devices-status = تتشارك أجهزتك جهات الاتصال، ولكل منها مفاتيحه.
device-show-title = أظهر هذا لجهازك الآخر
device-show-text = اكتبه هناك تحت «لديّ Wherry على جهاز آخر». يصلح مرة واحدة ولمدة 10 دقائق.
device-show = إظهار رمز
device-enter-title = أو أدخل الرمز الذي يظهره
compare-yes-device = نعم، أضف هذا الجهاز
compare-text-device = ضع الشاشتين جنبًا إلى جنب.
joined-title = صار { $name } من أجهزتك
joined-text = تصل إليه جهات اتصالك الآن، وترى أن لديك جهازًا آخر.
joined-contacts =
    { $count ->
        [zero] لم تكن لديك جهات اتصال بعد. من تضيفه على جهاز يظهر على الاثنين.
        [one] جاءت معه جهة اتصال واحدة.
        [two] جاءت معه جهتا اتصال.
        [few] جاءت معه { $count } جهات اتصال.
        [many] جاءت معه { $count } جهة اتصال.
       *[other] جاءت معه { $count } جهة اتصال.
    }
identity-file = نسخة في ملف
identity-file-about = فيها مفاتيحك وجهات اتصالك، مقفلة بعبارة مرور. استعملها للانتقال إلى جهاز جديد، لا على جهازين معًا.
identity-export = حفظ نسخة…
identity-import = الأخذ من نسخة…
identity-export-title = حفظ نسخة
identity-export-about = من يملك الملف وعبارة المرور يستطيع أن يكون أنت. ولا سبيل إلى استعادة عبارة منسية.
identity-import-title = الأخذ من نسخة
identity-import-about = يصير هذا الجهاز هو الذي في الملف. ولا يجوز استعمال القديم بعد ذلك.
identity-exported = حفظت النسخة.
identity-imported = هذا الجهاز هو الآن الذي في الملف.
passphrase = عبارة المرور
passphrase-again = العبارة نفسها مرة أخرى
passphrase-short = { $count } حرفًا على الأقل، والأفضل عدة كلمات.
passphrase-other = العبارتان مختلفتان.
