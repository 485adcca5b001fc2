"""Classes: what a word does in an English sentence, whatever the question, as one letter per class."""

_CLASSES = """
D a an the his her its their our my your this that these those both each all own der die das le la les el los
B is are was were be been being remains remain remained becomes become became isn wasn
I it he she they there one we i you here
o of
P in on at to for from as during within into onto among around about upon throughout across toward
P with towards over between along per every each
S because since so
Y by via through using thanks
R whenever which who whose whom where when that
K but however yet while whereas although though despite even instead
C and plus vs versus
H discovery idea invention work works achievement creation doing brainchild finding contribution theory painting novel
H book poem play composition symphony masterpiece writings design
O or nor either neither alternatively
W maybe perhaps possibly probably might may could unsure some others legend rumour rumor supposedly allegedly
W reportedly claim claims claimed say says guess guesses sources suggest believed thought doubt doubts doubtful
W arguably unclear probable likely candidate candidates
E friend rival brother sister son daughter father mother wife husband student teacher pupil mentor colleague
E assistant successor predecessor critic follower opponent enemy cousin uncle nephew neighbour neighbor descendant
E ancestor partner deputy widow heir disciple contemporary fan biographer translator supervisor boss secretary twin
E namesake followers critics friends students sons daughters parents parent child children family circle school
V wish wished wishes deny denied denies dispute disputed reject rejected refuse refused fail failed tried try
V attempted pretend pretended criticised criticized opposed inspired influenced admired hated ignored missed forgot
V skip skipped omit omitted ban banned abolish abolished destroy destroys destroyed remove removed overcome overcomes
V attack attacks attacked stopped
V avoid avoids prevent prevents stop stops exclude excludes excluded except lack lacks replaced replace
v other another before after near outside under beyond against unlike besides beside above below behind following
v followed excluding taught like
L have has had having do does did come comes came go goes went take takes took make makes made get gets got give
L gives gave given hold holds held bring put start began begins begin can will would must should
A also mainly widely generally commonly usually famously often officially simply just only indeed therefore thus
A hence then finally first always still now today clearly actually well very most more main chief common famous great
A last certain definitely surely ultimately overall technically strictly together entirely largely primarily mostly
G answer answers name named called known term termed word concept process phenomenon principle practice thing
G event reason result aim goal purpose purposes order need needed needs due owing cause caused credit credited
G attributed ascribed described identified referred refer refers considered regarded recognised recognized
G acknowledged seen defined person people two three four responsible place took happened located found lies lie
G situated statement example fact kind type form sort class group set list meaning means mean conclude said
G correct right true final conclusion option solution passage text article author report according call calls
G consists consist comprises comprise includes include contains contain follows listed are namely moral lesson message
G teaches shows show explains argues produces yields needs requires uses forms creates provides offers mentions
G suggests states reports presents mentioned showed explained stated reported
G cover measure weigh stretch span extend last total amount number reach stand stood
G runs run blame blames view opinion classified grouped divided
G describes describe specifically exactly precisely wanted
G want wants attribute attributes aimed intended planned based particular question respectively total altogether up back
"""
# What makes a work: as good as the question's word in the pattern of a sentence, but each is a deed of its own.
_CREATING = """
wrote written penned authored composed painted created invented discovered founded directed designed developed built
formulated proposed introduced published produced awarded
"""
CREATING = frozenset(_CREATING.split())
OF_WORD: dict[str, str] = {}
for _line in _CLASSES.strip().splitlines():
    for _word in _line.split()[1:]:
        OF_WORD.setdefault(_word, _line[0])
OF_WORD |= dict.fromkeys(CREATING, "G")
